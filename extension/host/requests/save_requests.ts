import * as vscode from "vscode";
import type { SavedRequests, Scope } from "../../api.ts";
import { endsOf, isSentByPeer } from "../../core/capture/captured_conversation.ts";
import { Delivery } from "../../core/capture/delivery.ts";
import {
  type Asked,
  mockText,
  recordingText,
  requestsText,
} from "../../core/export/request_file.ts";
import type { Endpoint } from "../../core/wire/endpoint.ts";
import type { Command, CommandId } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { REQUEST_LANGUAGE } from "../base/ids.ts";
import { numberText } from "../base/number_text.ts";
import { optionError } from "../base/option_error.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { ConversationView } from "../conversation/conversation_view.ts";
import { type ChosenDatagram, chosenDatagram, datagramOf } from "../datagrams/chosen_datagram.ts";
import type { Grids } from "../datagrams/grids.ts";
import { allRows, rowsOf, SCOPES } from "../datagrams/scope.ts";
import { reachableAt } from "../send/target.ts";

interface Context {
  readonly live: LiveCapture;
  readonly grids: Grids;
}

const SAVE_RECORDING = "udpWorkbench.saveRecordingAsTest";
export type SaveCommandId = Exclude<
  Extract<CommandId, `udpWorkbench.save${string}`>,
  typeof SAVE_RECORDING
>;

/** A file is to be read, and each request is one of its blocks. */
const MOST_REQUESTS = 1000;
const MOST_BYTES = 2 ** 20;
/** Each is looked for in the whole capture. */
const MOST_CONVERSATIONS = 50;

/** A request of a conversation, and the datagrams that came for it. */
interface AskedIds {
  readonly request: number;
  readonly answers: number[];
}

/** What is chosen of a conversation, and how it is written. */
const SAVING: Readonly<
  Record<
    SaveCommandId,
    {
      choose(asked: readonly AskedIds[], id: number): readonly AskedIds[];
      write(asked: readonly Asked[], at: Endpoint): string;
    }
  >
> = {
  "udpWorkbench.saveAsRequest": {
    // What it is, or what it answers.
    choose: (asked, id) => [
      asked.find(({ request, answers }) => request === id || answers.includes(id)) ?? {
        request: id,
        answers: [],
      },
    ],
    write: requestsText,
  },
  "udpWorkbench.saveConversationAsRequests": { choose: (asked) => asked, write: requestsText },
  "udpWorkbench.saveConversationAsMock": { choose: (asked) => asked, write: mockText },
};

/** *Save as Request*, *Save Conversation as Requests*, *Save Conversation as Mock*. */
export function saveRequests<Id extends SaveCommandId>(
  id: Id,
  context: Context,
): Command<Id, ChosenDatagram> {
  const { choose, write } = SAVING[id];
  const failure = () => vscode.l10n.t("Cannot save requests");
  const save = async ({ source, id }: ChosenDatagram): Promise<SavedRequests> => {
    if (source === context.live) await context.live.scan();
    const { asked, answering } = await askedIn(source, id);
    const chosen = choose(asked, id);
    const read = await payloadsOf(source, chosen);
    if (read.length === 0) throw noneWhole(failure());
    const text = write(read, reachableAt(answering));
    return saved(read.length, chosen.length - read.length, text);
  };
  return {
    id,
    options: { id: true } as Command<Id>["options"],
    parse: ({ id }: { readonly id?: unknown }) => datagramOf(context, id, failure()),
    ask: async (place) => chosenDatagram(context.grids, place, failure()),
    run: save,
    runForPerson: async (chosen) => shown(await save(chosen)),
  };
}

/** *Save Recording as Test*: what was asked among these datagrams, and what came for it. */
export function saveRecording(
  context: Context,
): Command<typeof SAVE_RECORDING, Scope | readonly number[]> {
  const { grids, live } = context;
  const failure = () => vscode.l10n.t("Cannot save a test");
  const save = async (datagrams: Scope | readonly number[]): Promise<SavedRequests> => {
    const page = grids.lastUsed;
    const source = typeof datagrams === "string" ? (page?.source ?? live) : live;
    if (source === live) await live.scan();
    const ids =
      datagrams === "all"
        ? allRows(source)
        : typeof datagrams === "string"
          ? await rowsOf(page, datagrams, failure())
          : datagrams;
    const conversations = await conversationsOf(source, ids, failure());
    const read = conversations.flatMap(({ asked }) => asked).length;
    if (read === 0) throw noneWhole(failure());
    const all = conversations.reduce((sum, { chosen }) => sum + chosen, 0);
    return saved(read, all - read, recordingText(conversations));
  };
  return {
    id: SAVE_RECORDING,
    options: { datagrams: true },
    parse({ datagrams = "selected" }: { readonly datagrams?: unknown }) {
      const scope = SCOPES.find((known) => known === datagrams);
      if (scope !== undefined) return scope;
      if (Array.isArray(datagrams) && datagrams.every(Number.isInteger)) return datagrams;
      const wanted = vscode.l10n.t("a list of ids, or one of {0}", SCOPES.join(", "));
      throw optionError("datagrams", wanted);
    },
    ask: async () => "selected",
    run: save,
    runForPerson: async (datagrams) => shown(await save(datagrams)),
  };
}

/** What was asked among these datagrams, by conversation, in the order in which these begin. */
async function conversationsOf(source: CaptureSource, ids: readonly number[], failure: string) {
  const isChosen = new Set(ids);
  const seen = new Set<number>();
  const conversations: { asked: Asked[]; to: Endpoint; chosen: number }[] = [];
  for (const id of ids) {
    if (seen.has(id) || !source.capture.has(id)) continue;
    if (conversations.length >= MOST_CONVERSATIONS) {
      const most = numberText(MOST_CONVERSATIONS);
      throw new HumanError(
        vscode.l10n.t("{0}: these are more than {1} conversations; select fewer.", failure, most),
      );
    }
    const { asked, answering, all } = await askedIn(source, id);
    for (const one of [id, ...all]) seen.add(one);
    const chosen = asked
      .filter(({ request }) => isChosen.has(request))
      .map(({ request, answers }) => ({
        request,
        answers: answers.filter((it) => isChosen.has(it)),
      }));
    if (chosen.length === 0) continue;
    const read = await payloadsOf(source, chosen);
    conversations.push({ asked: read, to: reachableAt(answering), chosen: chosen.length });
  }
  return conversations;
}

function noneWhole(failure: string): HumanError {
  return new HumanError(
    vscode.l10n.t("{0}: none of its datagrams was recorded as a whole.", failure),
  );
}

/** @param left how many requests are not in the text */
function saved(requests: number, left: number, text: string): SavedRequests {
  const remark = vscode.l10n.t(
    "# Left out, since they are too many, or were cut when they were recorded: {0}",
    numberText(left),
  );
  return { requests, text: left > 0 ? `${remark}\n${text}` : text };
}

/** In a new editor. */
async function shown(saved: SavedRequests): Promise<SavedRequests> {
  const options = { language: REQUEST_LANGUAGE, content: saved.text };
  const document = await vscode.workspace.openTextDocument(options);
  await vscode.window.showTextDocument(document, { preview: false });
  return saved;
}

/** What was asked in the conversation of a datagram, in its order, and by whom it was answered. */
async function askedIn(source: CaptureSource, id: number) {
  const { capture } = source;
  const view = new ConversationView(source, endsOf(capture, id));
  try {
    await view.ready;
    const { ids, exchanges, asking, answering } = view.conversation;
    const isPeerAsking = asking === view.ends.peer;
    const asked = new Map<number, AskedIds>();
    const requestOf = new Map(exchanges.map(({ request, answer }) => [answer, request]));
    let last: AskedIds | undefined;
    for (const one of ids) {
      // What never came was not answered for that reason.
      const { lost, dropped, refused } = Delivery;
      if (([lost, dropped, refused] as number[]).includes(capture.delivery(one))) continue;
      if (isSentByPeer(capture, one, view.ends) === isPeerAsking) {
        last = { request: one, answers: [] };
        asked.set(one, last);
      } else {
        // Where nobody can tell, it was for what was asked last.
        (asked.get(requestOf.get(one) ?? -1) ?? last)?.answers.push(one);
      }
    }
    return { asked: [...asked.values()], answering, all: ids };
  } finally {
    view.dispose();
  }
}

/** The payloads, of those that were recorded as a whole: as many as a file may have. */
async function payloadsOf(source: CaptureSource, asked: readonly AskedIds[]): Promise<Asked[]> {
  const { capture } = source;
  const isWhole = (id: number) => capture.payloadPlace(id).length === capture.wireLength(id);
  const read: Asked[] = [];
  let bytes = 0;
  for (const { request, answers } of asked) {
    const ids = [request, ...answers];
    bytes += ids.reduce((sum, id) => sum + capture.wireLength(id), 0);
    if (read.length >= MOST_REQUESTS || bytes > MOST_BYTES) break;
    if (!ids.every(isWhole)) continue;
    const [first = new Uint8Array(), ...rest] = await Promise.all(
      ids.map((id) => source.payload(id)),
    );
    read.push({ request: first, answers: rest });
  }
  return read;
}
