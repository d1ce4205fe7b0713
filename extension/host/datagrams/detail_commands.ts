import type { DetailCommand } from "../../webview/datagrams/protocol.ts";
import type { CaptureSource } from "../capture/capture_source.ts";

/** What the buttons of the detail run, in their order. */
export const DETAIL_COMMANDS: Readonly<Record<DetailCommand, true>> = {
  follow: true,
  reply: true,
  resend: true,
  editAndSend: true,
  decodeAs: true,
};

/** The buttons that there are: the sockets of a file are not here to reply from. */
export function detailCommands({ isLive }: Pick<CaptureSource, "isLive">): DetailCommand[] {
  const all = Object.keys(DETAIL_COMMANDS) as DetailCommand[];
  return isLive ? all : all.filter((command) => command !== "reply");
}
