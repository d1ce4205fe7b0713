import * as vscode from "vscode";
import type { SavedRequests } from "../../api.ts";
import { endsOf, isSentByPeer } from "../../core/capture/captured_conversation.ts";
import { Delivery } from "../../core/capture/delivery.ts";
import { type Asked, mockText, requestsText } from "../../core/export/request_file.ts";
import type { Endpoint } from "../../core/wire/endpoint.ts";
import type { Command, CommandId } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { REQUEST_LANGUAGE } from "../base/ids.ts";
import { numberText } from "../base/number_text.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { ConversationView } from "../conversation/conversation_view.ts";
import { type ChosenDatagram, chosenDatagram, datagramOf } from "../datagrams/chosen_datagram.ts";
import type { Grids } from "../datagrams/grids.ts";
import { reachableAt } from "../send/target.ts";

interface Context {
  readonly live: LiveCapture;
  readonly grids: Grids;
}

export type SaveCommandId = Extract<CommandId, `udpWorkbench.save${string}`>;

/** A file is to be read, and each request is one of its blocks. */
const MOST_REQUESTS = 1000;
const MOST_BYTES = 2 ** 20;

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
    if (read.length === 0) {
      throw new HumanError(
        vscode.l10n.t("{0}: none of its datagrams was recorded as a whole.", failure()),
      );
    }
    const text = write(read, reachableAt(answering));
    const left = chosen.length - read.length;
    const remark = vscode.l10n.t(
      "# Left out, since they are too many, or were cut when they were recorded: {0}",
      numberText(left),
    );
    return { requests: read.length, text: left > 0 ? `${remark}\n${text}` : text };
  };
  return {
    id,
    options: { id: true } as Command<Id>["options"],
    parse: ({ id }: { readonly id?: unknown }) => datagramOf(context, id, failure()),
    ask: async (place) => chosenDatagram(context.grids, place, failure()),
    run: save,
    async runForPerson(chosen) {
      const saved = await save(chosen);
      const options = { language: REQUEST_LANGUAGE, content: saved.text };
      const document = await vscode.workspace.openTextDocument(options);
      await vscode.window.showTextDocument(document, { preview: false });
      return saved;
    },
  };
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
    return { asked: [...asked.values()], answering };
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
