import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import type { ExplainedLosses } from "../../api.ts";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import { localEnd, peerEnd } from "../../core/capture/peers.ts";
import { Direction } from "../../core/files/capture_sink.ts";
import { findingLosses, type Losses } from "../../core/losses/losses.ts";
import { canonicalAddress } from "../../core/wire/address.ts";
import { type Endpoint, formatEndpoint } from "../../core/wire/endpoint.ts";
import { givenText } from "../base/checks.ts";
import type { Command, GivenOptions } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import type { Place } from "../base/place.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { inTurns } from "../capture/in_turns.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { showReadOnly } from "../conversation/conversation_document.ts";
import { type ChosenDatagram, chosenDatagram, datagramOf } from "../datagrams/chosen_datagram.ts";
import type { Grids } from "../datagrams/grids.ts";
import { PeerNode, socketOf } from "../ports/nodes.ts";
import type { SystemSockets } from "../ports/system_sockets.ts";
import { parseTarget } from "../send/target.ts";
import { lossesText, type SystemWord, sizeThatHolds } from "./losses_text.ts";

interface Context {
  readonly live: LiveCapture;
  readonly grids: Grids;
  readonly sockets: SystemSockets;
}

interface Wish {
  readonly source: CaptureSource;
  /** Where they were to arrive, a wildcard too; undefined: where most were lost. */
  readonly to: Endpoint | undefined;
}

/** *Who Loses What...*: how many of how many, between whom, in which bursts, and what would have held them. */
export function explainLosses(context: Context): Command<"udpWorkbench.explainLosses", Wish> {
  return {
    id: "udpWorkbench.explainLosses",
    options: { to: true, id: true },
    parse: (given) => wishOf(context, given),
    ask: async (place) => wishAt(context, place),
    async run(wish) {
      return (await explained(context, wish)).told;
    },
    async runForPerson(wish) {
      const { told, losses } = await explained(context, wish);
      const title = vscode.l10n.t("Losses of {0}", formatEndpoint(losses.to));
      await showReadOnly(title, "losses", told.text);
      return told;
    },
  };
}

async function explained(
  context: Context,
  { source, to }: Wish,
): Promise<{ told: ExplainedLosses; losses: Losses }> {
  if (source === context.live) {
    await Promise.all([context.live.scan(), context.sockets.refresh()]);
  }
  const all = await inTurns(findingLosses(source.capture));
  const losses = chosen(all, to);
  if (!losses) throw new HumanError(noneText(to));
  // What a saved file tells was perhaps on another machine.
  const isHere = source === context.live;
  const [most, usual] = isHere ? await Promise.all(["rmem_max", "rmem_default"].map(limit)) : [];
  const system = { drops: isHere ? dropsOf(context, losses.to) : undefined, most, usual };
  return { told: toldOf(losses, all, system), losses };
}

/** Of a wildcard that address at which most were lost; without an end the one that lost most of all. */
function chosen(all: readonly Losses[], to: Endpoint | undefined): Losses | undefined {
  const [most] = all
    .filter((one) => (to ? isAt(one.to, to) : one.lost > 0))
    .sort((a, b) => b.lost - a.lost);
  return most;
}

function isAt(end: Endpoint, wanted: Endpoint): boolean {
  const address = canonicalAddress(wanted.address);
  return (
    end.port === wanted.port &&
    (address === "0.0.0.0" || address === "::" || canonicalAddress(end.address) === address)
  );
}

function noneText(to: Endpoint | undefined): string {
  return to
    ? vscode.l10n.t(
        "Nothing is known to be lost on the way to {0}: only what one watched program sends to another can be told.",
        formatEndpoint(to),
      )
    : vscode.l10n.t(
        "Nothing is known to be lost: only what one watched program sends to another can be told.",
      );
}

/** What the system has thrown away at the only socket that is bound there. */
function dropsOf({ live, sockets }: Context, to: Endpoint): number | undefined {
  const there = boundSockets(live.capture).filter(({ local }) => local && isAt(to, local));
  const [only, ...others] = there;
  return only && others.length === 0 ? sockets.of(only)?.drops : undefined;
}

/** Of receive buffers, in bytes; Linux alone has it (socket(7)). */
async function limit(name: string): Promise<number | undefined> {
  const text = await readFile(`/proc/sys/net/core/${name}`, "utf8").catch(() => "");
  return /^\d+\s*$/.test(text) ? Number(text) : undefined;
}

function toldOf(losses: Losses, all: readonly Losses[], system: SystemWord): ExplainedLosses {
  const size = sizeThatHolds(losses, system)?.size;
  const { sent, arrived, lost, unclear, reason } = losses;
  return {
    to: formatEndpoint(losses.to),
    ...{ sent, arrived, lost, unclear, reason },
    lostInReceiveBuffer: system.drops,
    ...(size !== undefined && { recvBufferSize: size }),
    bursts: losses.bursts.map(({ first, start, end, lost, waiting, pause, needed }) => ({
      ...{ id: first, time: start, microseconds: end - start, lost, waiting },
      ...{ pauseMicroseconds: pause, needed },
    })),
    conversations: losses.conversations.map(({ from, to, every, ...counts }) => ({
      from: formatEndpoint(from),
      sent: counts.sent,
      arrived: counts.arrived,
      lost: counts.lost,
      bursts: counts.bursts,
      longest: counts.longest,
      reason: counts.reason,
      ...(every !== undefined && { every }),
    })),
    text: lossesText(losses, all, system),
  };
}

function failure(): string {
  return vscode.l10n.t("Cannot tell who loses what");
}

function wishOf(context: Context, { to, id }: GivenOptions<"udpWorkbench.explainLosses">): Wish {
  const { live } = context;
  if (id !== undefined) return wishOfDatagram(datagramOf(context, id, failure()));
  if (to === undefined) return { source: live, to: undefined };
  const parsed = typeof to === "string" ? parseTarget(to) : undefined;
  if (parsed) return { source: live, to: { address: parsed.host, port: parsed.port } };
  throw new HumanError(
    vscode.l10n.t(
      "Cannot use the option {0}: {1} is no address or name with a port, as in 127.0.0.1:9999 or [::1]:9999.",
      "to",
      givenText(to),
    ),
  );
}

function wishOfDatagram({ source, id }: ChosenDatagram): Wish {
  const flow = source.capture.flow(id);
  return { source, to: flow.direction === Direction.in ? localEnd(flow) : peerEnd(flow) };
}

function wishAt({ live, grids }: Context, place: Place | undefined): Wish {
  if (place?.kind === "row" || place?.kind === "datagram") {
    return wishOfDatagram(chosenDatagram(grids, place, failure()));
  }
  const line = place?.kind === "treeLine" ? place.line : undefined;
  // The line of a peer is about what is lost on the way to it.
  if (line instanceof PeerNode) return { source: live, to: line.peer };
  const local = line && socketOf(line)?.local;
  if (local) return { source: live, to: local };
  return { source: grids.lastUsed?.source ?? live, to: undefined };
}
