import * as vscode from "vscode";
import type { FollowedConversation } from "../../api.ts";
import { type ConversationEnds, endsOf } from "../../core/capture/captured_conversation.ts";
import type { FollowLayout } from "../../core/export/follow_text.ts";
import { checkOneOf } from "../base/checks.ts";
import type { Command, GivenOptions } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import type { Place } from "../base/place.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { conversationText, openConversation } from "../conversation/conversation_text.ts";
import { ConversationView } from "../conversation/conversation_view.ts";
import { PeerNode } from "../ports/nodes.ts";
import { chosenDatagram, datagramOf } from "./chosen_datagram.ts";
import type { DatagramsPage } from "./datagrams_page.ts";
import type { DatagramsView } from "./datagrams_view.ts";
import type { Grids } from "./grids.ts";

const LAYOUTS: readonly FollowLayout[] = ["utf-8", "ascii", "hex", "raw"];

interface Context {
  readonly live: LiveCapture;
  readonly grids: Grids;
  readonly datagramsView: DatagramsView;
}

/** A conversation that is to be followed. */
interface Conversation {
  readonly source: CaptureSource;
  /** The id of one of its datagrams, or who talks. */
  readonly of: number | ConversationEnds;
  /** The grid that it was chosen in. */
  readonly page?: DatagramsPage | undefined;
  readonly layout: FollowLayout;
}

/** *Follow Conversation*: narrows the grid to it. */
export function follow(context: Context): Command<"udpWorkbench.follow", Conversation> {
  const { datagramsView } = context;
  const narrow = async (conversation: Conversation, show: boolean) => {
    const { source, page, layout } = conversation;
    const ends = await endsNow(context, conversation);
    if (page) await page.follow(ends);
    else await datagramsView.follow(ends, show);
    return withView(source, ends, async (view) =>
      followed(view, await conversationText(source, view, layout)),
    );
  };
  return {
    id: "udpWorkbench.follow",
    options: { id: true, layout: true },
    parse: (given) => conversationOf(context, given),
    ask: async (place) => conversationAt(context, place),
    run: (conversation) => narrow(conversation, false),
    runForPerson: (conversation) => narrow(conversation, true),
  };
}

/** *Follow Conversation as Text*: opens it as a document. */
export function followAsText(context: Context): Command<"udpWorkbench.followAsText", Conversation> {
  return {
    id: "udpWorkbench.followAsText",
    options: { id: true, layout: true },
    parse: (given) => conversationOf(context, given),
    ask: async (place) => conversationAt(context, place),
    async run(conversation) {
      const { source, layout } = conversation;
      return withView(source, await endsNow(context, conversation), async (view) =>
        followed(view, await openConversation(source, view, layout)),
      );
    },
  };
}

function conversationOf(
  context: Context,
  { id, layout = "utf-8" }: GivenOptions<"udpWorkbench.follow">,
): Conversation {
  const { id: of, ...datagram } = datagramOf(context, id, followFailure());
  return { ...datagram, of, layout: checkOneOf("layout", layout, LAYOUTS) };
}

/** The conversation of a datagram, or with a peer of Bound Ports. */
function conversationAt({ live, grids }: Context, place: Place | undefined): Conversation {
  if (place?.kind !== "treeLine") {
    const { id: of, ...datagram } = chosenDatagram(grids, place, followFailure());
    return { ...datagram, of, layout: "utf-8" };
  }
  const { line } = place;
  const local = line instanceof PeerNode ? line.parent.socket.local : undefined;
  if (line instanceof PeerNode && local) {
    return { source: live, of: { local, peer: line.peer }, layout: "utf-8" };
  }
  throw new HumanError(
    vscode.l10n.t("{0}: select one of the peers below a port.", followFailure()),
  );
}

/** Who talks, as far as all that was recorded until now tells. */
async function endsNow({ live }: Context, { source, of }: Conversation): Promise<ConversationEnds> {
  if (source === live) await live.scan();
  return typeof of === "number" ? endsOf(source.capture, of) : of;
}

async function withView<T>(
  source: CaptureSource,
  ends: ConversationEnds,
  use: (view: ConversationView) => Promise<T>,
): Promise<T> {
  const view = new ConversationView(source, ends);
  try {
    await view.ready;
    return await use(view);
  } finally {
    view.dispose();
  }
}

function followed({ conversation }: ConversationView, text: string): FollowedConversation {
  const { requests, answers, lost, median, p99 } = conversation;
  return { requests, answers, lost, medianMicroseconds: median, p99Microseconds: p99, text };
}

function followFailure(): string {
  return vscode.l10n.t("Cannot follow a conversation");
}
