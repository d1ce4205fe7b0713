import * as vscode from "vscode";
import type { Burst, ConversationLosses, Losses, LossReason } from "../../core/losses/losses.ts";
import { type BufferSize, bufferFor } from "../../core/losses/receive_buffer.ts";
import { printable } from "../../core/text/printable.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import { numberText } from "../base/number_text.ts";
import { duration } from "../words/delivery_text.ts";

/** What the capture does not tell, and the system may. */
export interface SystemWord {
  /** Datagrams that the system has thrown away at this socket; undefined where it does not tell. */
  readonly drops: number | undefined;
  /** The most that a program may ask for without rights, as it takes it; undefined where it is not known. */
  readonly most: number | undefined;
  /** Bytes of the receive buffer of a socket that asks for none; undefined where it is not known. */
  readonly usual: number | undefined;
}

/** Bursts that are listed. */
const MOST_LISTED = 200;

/** The burst that lost most; undefined without any. */
export function longestBurst({ bursts }: Losses): Burst | undefined {
  let longest: Burst | undefined;
  for (const burst of bursts) if (burst.lost > (longest?.lost ?? 0)) longest = burst;
  return longest;
}

/** What would have held the longest burst; undefined where that is not known, or no buffer would. */
export function sizeThatHolds(losses: Losses, { usual }: SystemWord): BufferSize | undefined {
  const burst = longestBurst(losses);
  if (losses.reason !== "buffer" || burst?.needed === undefined || usual === undefined) {
    return undefined;
  }
  return bufferFor(burst.needed, { held: burst.waiting, length: burst.length }, usual);
}

/** The whole story as a page of text, the news first. `all`: what was lost elsewhere in the capture as well. */
export function lossesText(losses: Losses, all: readonly Losses[], system: SystemWord): string {
  const conversations = all
    .flatMap((end) => end.conversations)
    .filter(({ lost, to }) => lost > 0 || formatEndpoint(to) === formatEndpoint(losses.to))
    .sort((a, b) => b.lost - a.lost);
  return [
    lossSentences(losses, system).join("\n"),
    section(vscode.l10n.t("Between whom"), conversations.map(conversationLine)),
    section(vscode.l10n.t("The longest burst"), longestLines(losses, system)),
    section(vscode.l10n.t("Bursts"), burstLines(losses)),
  ]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
}

/** How many of how many, in how many bursts, why, and what a second source says. */
export function lossSentences(losses: Losses, { drops }: SystemWord): string[] {
  const { sent, lost, unclear, burstCount } = losses;
  const to = printable(formatEndpoint(losses.to), { limit: 80 });
  if (lost === 0) {
    const none = vscode.l10n.t(
      "None of {0} datagrams to {1} is known to be lost.",
      numberText(sent),
      to,
    );
    return [none, ...systemSentence(lost, drops)];
  }
  const sizes = losses.bursts.map((burst) => burst.lost);
  const most = sizes.reduce((one, other) => Math.max(one, other), 1);
  const least = sizes.reduce((one, other) => Math.min(one, other), most);
  const words = [numberText(lost), numberText(sent), to, share(lost, sent)] as const;
  const news =
    most === 1
      ? vscode.l10n.t("{0} of {1} datagrams to {2} were lost ({3}), each alone.", ...words)
      : vscode.l10n.t(
          "{0} of {1} datagrams to {2} were lost ({3}), in {4} bursts of {5} to {6}.",
          ...words,
          numberText(burstCount),
          numberText(least),
          numberText(most),
        );
  return [
    news,
    whySentence(losses),
    ...systemSentence(lost, drops),
    unclear > 0
      ? vscode.l10n.t("Of {0} more nobody can tell whether they arrived.", numberText(unclear))
      : "",
  ].filter((sentence) => sentence !== "");
}

function whySentence(losses: Losses): string {
  const name = programName(losses);
  switch (losses.reason) {
    case "buffer": {
      const pauses = losses.bursts.flatMap(({ pause }) => pause ?? []);
      const [least, most] = [pauses, pauses].map((all, at) =>
        all.reduce(at === 0 ? minimum : maximum, all[0] ?? 0),
      );
      return pauses.length === 0
        ? vscode.l10n.t("The receive buffer of {0} was full.", name)
        : vscode.l10n.t(
            "Each time {0} took nothing for {1} to {2}, and its receive buffer was full.",
            name,
            duration(least ?? 0),
            duration(most ?? 0),
          );
    }
    case "notBuffer":
      return vscode.l10n.t(
        "It was not the receive buffer of {0}, which held more at other times: a larger one would not help.",
        name,
      );
    case "unknown":
      return vscode.l10n.t("Why, the capture does not tell.");
  }
}

const minimum = (one: number, other: number) => Math.min(one, other);
const maximum = (one: number, other: number) => Math.max(one, other);

function systemSentence(lost: number, drops: number | undefined): string[] {
  if (drops === undefined) return [];
  return [
    drops === lost
      ? vscode.l10n.t("The system counted the same {0} in the receive buffer.", numberText(drops))
      : vscode.l10n.t(
          "The system counted {0} in the receive buffer since the socket was made.",
          numberText(drops),
        ),
  ];
}

function conversationLine(it: ConversationLosses): string {
  const ends = `${formatEndpoint(it.from)} → ${formatEndpoint(it.to)}`;
  const names = [it.sender, it.receiver].map((name) => printable(name, { limit: 60 }) || "?");
  const counts = vscode.l10n.t(
    "{0} sent, {1} arrived, {2} lost ({3})",
    numberText(it.sent),
    numberText(it.arrived),
    numberText(it.lost),
    share(it.lost, it.sent),
  );
  const bursts =
    it.lost === 0
      ? ""
      : vscode.l10n.t("{0} bursts, the longest {1}", numberText(it.bursts), numberText(it.longest));
  const why = it.lost === 0 ? "" : reasonText(it);
  return [ends, names.join(" → "), counts, bursts, why].filter((part) => part !== "").join(" · ");
}

function reasonText({ reason, every }: ConversationLosses): string {
  if (reason !== "buffer" && every !== undefined) {
    return vscode.l10n.t("not the buffer: every {0}th", numberText(every));
  }
  return REASONS[reason]();
}

const REASONS: Readonly<Record<LossReason, () => string>> = {
  buffer: () => vscode.l10n.t("receive buffer full"),
  notBuffer: () => vscode.l10n.t("not the buffer"),
  unknown: () => vscode.l10n.t("not known where"),
};

function longestLines(losses: Losses, system: SystemWord): string[] {
  const burst = longestBurst(losses);
  if (!burst) return [];
  const name = programName(losses);
  const { start, end, lost, pause, needed } = burst;
  return [
    vscode.l10n.t("{0}: {1} lost in {2}", clockOf(start), numberText(lost), duration(end - start)),
    pause !== undefined && needed !== undefined
      ? vscode.l10n.t(
          "{0} took nothing for {1}; at its end {2} would have had to wait.",
          name,
          duration(pause),
          numberText(needed),
        )
      : vscode.l10n.t("For how long {0} took nothing is not known.", name),
    ...(losses.reason === "buffer" ? bufferLines(losses, burst, system) : []),
    vscode.l10n.t("What {0} did meanwhile is not in the capture.", name),
  ].filter((line) => line !== "");
}

/** What the buffer held, and what would have held all of it. */
function bufferLines(losses: Losses, burst: Burst, system: SystemWord): string[] {
  const { waiting, length, pause } = burst;
  const size = sizeThatHolds(losses, system);
  const { most } = system;
  return [
    vscode.l10n.t("The buffer held {0} of {1} bytes.", numberText(waiting), numberText(length)),
    size
      ? vscode.l10n.t(
          "recvBufferSize: {0} would have held them: about {1} of these, as Linux doubles it.",
          String(size.size),
          numberText(size.holds),
        )
      : vscode.l10n.t("How large the buffer was is not known: a larger one would hold more."),
    size && most !== undefined && size.size > most
      ? vscode.l10n.t(
          "The system allows up to {0}: root raises that with `sysctl net.core.rmem_max={1}`.",
          numberText(most),
          String(size.size),
        )
      : "",
    pause === undefined
      ? ""
      : vscode.l10n.t("Or take them faster: nothing for {0} is too long.", duration(pause)),
  ];
}

function burstLines({ bursts, burstCount }: Losses): string[] {
  const lines = bursts
    .slice(0, MOST_LISTED)
    .map(({ start, end, lost, waiting }) =>
      vscode.l10n.t(
        "{0}: {1} lost in {2}, while {3} waited",
        clockOf(start),
        numberText(lost),
        duration(end - start),
        numberText(waiting),
      ),
    );
  const more = burstCount - lines.length;
  return more > 0 ? [...lines, vscode.l10n.t("{0} more", numberText(more))] : lines;
}

function section(heading: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : [heading, ...lines.map((line) => `  ${line}`)].join("\n");
}

function programName({ receiver, to }: Losses): string {
  return printable(receiver, { limit: 60 }) || printable(formatEndpoint(to), { limit: 80 });
}

/** `5.6 %`; never 0 where there are some, and never all where one arrived. */
function share(part: number, whole: number): string {
  const percent = (part / whole) * 100;
  if (part > 0 && percent < 0.1) return vscode.l10n.t("less than {0} %", "0.1");
  return `${part < whole ? Math.min(99.9, percent).toFixed(1) : "100"} %`;
}

/** The local time of day, to the millisecond. */
function clockOf(time: number): string {
  return new Date(time / 1000).toLocaleTimeString(vscode.env.language, {
    hour12: false,
    fractionalSecondDigits: 3,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}
