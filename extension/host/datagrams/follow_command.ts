import * as vscode from "vscode";
import { type ConversationEnds, endsOf } from "../../core/capture/captured_conversation.ts";
import type { FollowLayout } from "../../core/export/follow_text.ts";
import { isFromPerson, registerGuarded } from "../base/guarded.ts";
import { HumanError } from "../base/human_error.ts";
import { Commands } from "../base/ids.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { conversationText, openConversation } from "../conversation/conversation_text.ts";
import { ConversationView } from "../conversation/conversation_view.ts";
import type { PortNode } from "../ports/nodes.ts";
import { chosenDatagram, type DatagramArgument } from "./chosen_datagram.ts";
import type { DatagramsPage } from "./datagrams_page.ts";
import type { DatagramsView } from "./datagrams_view.ts";

/** A datagram of the conversation, or a peer of the Bound Ports view. */
type FollowArgument = (DatagramArgument | PortNode) & { readonly layout?: FollowLayout };

/** What was said between two ends. Times in microseconds; undefined where no answer is told for certain. */
interface Followed {
  readonly requests: number;
  readonly answers: number;
  readonly lost: number;
  readonly medianMicroseconds: number | undefined;
  readonly p99Microseconds: number | undefined;
  /** In Wireshark's layout of *Follow UDP Stream*, by default as UTF-8. */
  readonly text: string;
}

interface Found {
  readonly source: CaptureSource;
  readonly ends: ConversationEnds;
  readonly page: DatagramsPage | undefined;
}

/** *Follow*: narrows the grid to one conversation, or opens it as text. */
export function registerFollowCommands(
  live: LiveCapture,
  datagramsView: DatagramsView,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const follow = async (argument?: FollowArgument): Promise<Followed> => {
    const { source, ends, page } = await find(argument, live);
    if (page) await page.follow(ends);
    else await datagramsView.follow(ends, isFromPerson(argument));
    return withView(source, ends, async (view) =>
      followed(view, await conversationText(source, view, argument?.layout ?? "utf-8")),
    );
  };
  const followAsText = async (argument?: FollowArgument): Promise<Followed> => {
    const { source, ends } = await find(argument, live);
    return withView(source, ends, async (view) =>
      followed(view, await openConversation(source, view, argument?.layout ?? "utf-8")),
    );
  };
  return vscode.Disposable.from(
    registerGuarded(Commands.follow, follow, log),
    registerGuarded(Commands.followAsText, followAsText, log),
  );
}

async function find(argument: FollowArgument | undefined, live: LiveCapture): Promise<Found> {
  const what = vscode.l10n.t("Cannot follow a conversation");
  if (argument && "kind" in argument) {
    const local = argument.kind === "peer" ? argument.parent.socket.local : undefined;
    if (argument.kind === "peer" && local) {
      return { source: live, ends: { local, peer: argument.peer }, page: undefined };
    }
    throw new HumanError(vscode.l10n.t("{0}: select one of the peers below a port.", what));
  }
  await live.scan();
  const { source, id, page } = chosenDatagram(argument, live, what);
  return { source, ends: endsOf(source.capture, id), page };
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

function followed({ conversation }: ConversationView, text: string): Followed {
  const { requests, answers, lost, median, p99 } = conversation;
  return { requests, answers, lost, medianMicroseconds: median, p99Microseconds: p99, text };
}
