import * as vscode from "vscode";
import { NO_TIME } from "../../core/capture/file_sink.ts";
import { maxPayload } from "../../core/files/packet/packet.ts";
import { NO_LENGTH } from "../../core/files/packet/packet_reader.ts";
import { printable } from "../../core/text/printable.ts";
import { SEND_FAILED, SEND_UNFINISHED } from "../../core/wire/tap_identity.ts";
import { numberText } from "../base/number_text.ts";

/** What a person needs to know of a datagram that the system would not send. */
export interface FailedSend {
  /** `127.0.0.1:9999` */
  readonly to: string;
  /** Payload bytes that it was to have, as far as the record tells. */
  readonly length: number;
  readonly isIpv6: boolean;
}

/**
 * What the record's comment says, in a sentence: that it was not sent and why, that nobody knows, or, of a comment that
 * no tap wrote, the comment. "" where there is none.
 */
export function commentText(comment: string, send: FailedSend): string {
  if (comment === "") return "";
  const own = ownComment(comment);
  if (own) return [commentText(own.rest, send), own.text].filter(Boolean).join(" ");
  if (comment.includes(SEND_UNFINISHED)) {
    return vscode.l10n.t(
      "Sent or not, nobody knows: the program ended while the datagram waited to be sent.",
    );
  }
  const start = comment.indexOf(SEND_FAILED);
  if (start < 0) return vscode.l10n.t("Comment: {0}", printable(comment, { limit: 500 }));
  const [, code = "", bytes] =
    /^(.*?)(?: \((\d+) bytes\))?(?:; |$)/s.exec(comment.slice(start + SEND_FAILED.length)) ?? [];
  const length = bytes === undefined ? send.length : Number(bytes);
  const reason = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
  return reason
    ? reason({ ...send, length })
    : vscode.l10n.t("Not sent: the system refused it ({0}).", printable(code, { limit: 80 }));
}

/** What we have said of it ourselves, as if the file had: in a sentence, and the comment without it. */
function ownComment(comment: string): { text: string; rest: string } | undefined {
  const without = (own: string) =>
    comment
      .split("; ")
      .filter((one) => one !== own)
      .join("; ");
  if (comment.includes(NO_TIME)) {
    const text = vscode.l10n.t(
      "The file does not say when; it is shown at the time of the one before it.",
    );
    return { text, rest: without(NO_TIME) };
  }
  if (!comment.includes(NO_LENGTH)) return undefined;
  const text = vscode.l10n.t(
    "Its headers do not say how long it is; its length is that of what was captured.",
  );
  return { text, rest: without(NO_LENGTH) };
}

/** Error → why, as errno(3) and the manual pages send(2), ip(7) and udp(7) have it. */
const REASONS: Readonly<Record<string, (send: FailedSend) => string>> = {
  EMSGSIZE: ({ length, isIpv6 }) =>
    vscode.l10n.t(
      "Too large: {0} bytes do not fit into one datagram, which carries {1} at most, and less where a network on the way cannot divide it (EMSGSIZE).",
      numberText(length),
      numberText(maxPayload(isIpv6 ? 16 : 4)),
    ),
  ECONNREFUSED: ({ to }) =>
    vscode.l10n.t(
      "Not sent: an earlier datagram was refused, as no program has {0}, and the system told that instead of sending this one (ECONNREFUSED).",
      to,
    ),
  ENETUNREACH: ({ to }) =>
    vscode.l10n.t("Not sent: this machine knows no way to the network of {0} (ENETUNREACH).", to),
  EHOSTUNREACH: ({ to }) =>
    vscode.l10n.t("Not sent: no machine answers at the address of {0} (EHOSTUNREACH).", to),
  EACCES: ({ to }) =>
    vscode.l10n.t(
      "Not sent: {0} is a broadcast address, and the socket has not asked for that with setBroadcast(true) (EACCES).",
      to,
    ),
  EPERM: ({ to }) =>
    vscode.l10n.t("Not sent: a firewall of this machine lets nothing through to {0} (EPERM).", to),
  EADDRNOTAVAIL: ({ to }) =>
    vscode.l10n.t(
      "Not sent: {0} cannot be reached from the address that the socket is bound to (EADDRNOTAVAIL).",
      to,
    ),
  EINVAL: ({ to }) =>
    vscode.l10n.t(
      "Not sent: {0} cannot be reached from the address that the socket is bound to (EINVAL).",
      to,
    ),
  EAGAIN: () =>
    vscode.l10n.t("Not sent: the socket's send buffer was full (EAGAIN). UDP does not try again."),
  ENOBUFS: () =>
    vscode.l10n.t(
      "Not sent: the system had no room left to queue it (ENOBUFS). UDP does not try again.",
    ),
};
