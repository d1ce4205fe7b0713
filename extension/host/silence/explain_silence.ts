import * as vscode from "vscode";
import type { Consent, ExplainedSilence } from "../../api.ts";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import { localEnd, peerEnd } from "../../core/capture/peers.ts";
import { Direction } from "../../core/files/capture_sink.ts";
import type { SilenceQuestion } from "../../core/silence/facts.ts";
import { type CheckedSilence, explainSilence as explain } from "../../core/silence/silence.ts";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { parseAddress } from "../../core/wire/address.ts";
import { type Endpoint, formatEndpoint } from "../../core/wire/endpoint.ts";
import { checkFlag, checkProcessId, givenText } from "../base/checks.ts";
import type { Command, GivenOptions } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { askSteps, type PickItem, type PickStep } from "../base/multi_step.ts";
import type { Place, TreeLine } from "../base/place.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { showReadOnly } from "../conversation/conversation_document.ts";
import { type ChosenDatagram, chosenDatagram, datagramOf } from "../datagrams/chosen_datagram.ts";
import type { Grids } from "../datagrams/grids.ts";
import { OtherNode, PeerNode, socketOf } from "../ports/nodes.ts";
import { otherName, ownerText } from "../ports/other_items.ts";
import type { SystemSockets } from "../ports/system_sockets.ts";
import { consentOf, requireConsent } from "../send/consent.ts";
import { parseTarget, resolveTarget, targetOf } from "../send/target.ts";
import { readFacts } from "./read_facts.ts";
import { findingText, nextText, silenceText } from "./silence_text.ts";

interface Context {
  readonly live: LiveCapture;
  readonly grids: Grids;
  readonly sockets: SystemSockets;
}

/** What is asked: two ends that are known, or that have names yet. */
interface Wish {
  readonly to: Endpoint | string;
  readonly from?: Endpoint | string | undefined;
  readonly pid?: number | undefined;
  readonly length?: number | undefined;
  /** What may be sent to find out, and that it may. */
  readonly probe?: Consent | undefined;
}

/** *Explain Silence...*: why nothing arrives at a port, a peer or an address, by checks that say what they found. */
export function explainSilence(context: Context): Command<"udpWorkbench.explainSilence", Wish> {
  return {
    id: "udpWorkbench.explainSilence",
    options: {
      to: true,
      from: true,
      pid: true,
      id: true,
      probe: true,
      confirmed: true,
      broadcast: true,
    },
    parse: (given) => wishOf(context, given),
    ask: (place) => ask(context, place),
    async run(wish) {
      const { question, checked } = await found(context, wish);
      return told(question, checked);
    },
    async runForPerson(wish) {
      const { question, checked } = await found(context, wish);
      const title = titleOf(question);
      await showReadOnly(title, "silence", silenceText(title, checked));
      return told(question, checked);
    },
  };
}

async function found(
  { live, sockets: { system } }: Context,
  wish: Wish,
): Promise<{ question: SilenceQuestion; checked: CheckedSilence[] }> {
  const question = {
    to: await endOf(wish.to),
    from: wish.from === undefined ? undefined : await endOf(wish.from),
    pid: wish.pid,
    length: wish.length,
  };
  if (wish.probe) requireConsent(await targetOf(question.to), wish.probe);
  await live.scan();
  const facts = await readFacts(question, {
    capture: live.capture,
    system,
    remoteName: vscode.env.remoteName,
    mayProbe: wish.probe !== undefined,
  });
  return { question, checked: explain(facts) };
}

function told({ to, from }: SilenceQuestion, checked: readonly CheckedSilence[]): ExplainedSilence {
  return {
    to: formatEndpoint(to),
    ...(from && { from: formatEndpoint(from) }),
    checks: checked.map((one) => ({ check: one.check, found: one.found, text: findingText(one) })),
    next: nextText(checked),
  };
}

function titleOf({ to, from }: SilenceQuestion): string {
  const end = printable(formatEndpoint(to), { limit: 80 });
  return from
    ? vscode.l10n.t("Why nothing arrives at {0} from {1}", end, formatEndpoint(from))
    : vscode.l10n.t("Why nothing arrives at {0}", end);
}

/** An address, a wildcard too, as one may be bound to that; or what a name stands for. */
async function endOf(end: Endpoint | string): Promise<Endpoint> {
  if (typeof end !== "string") return end;
  const parsed = parseTarget(end);
  if (parsed && parseAddress(parsed.host)) return { address: parsed.host, port: parsed.port };
  const { address, port } = await resolveTarget(end);
  return { address, port };
}

function failure(): string {
  return vscode.l10n.t("Cannot explain silence");
}

function wishOf(context: Context, given: GivenOptions<"udpWorkbench.explainSilence">): Wish {
  const { to, from, pid, id, probe, ...consent } = given;
  const may = checkFlag("probe", probe) === true ? consentOf(consent) : undefined;
  const process = pid === undefined ? undefined : checkProcessId("pid", pid);
  if (to === undefined) {
    return { ...wishOfDatagram(datagramOf(context, id, failure())), probe: may };
  }
  return {
    to: checkEnd("to", to),
    from: from === undefined ? undefined : checkEnd("from", from),
    pid: process,
    probe: may,
  };
}

function checkEnd(name: string, value: unknown): string {
  if (typeof value === "string" && parseTarget(value)) return value;
  throw new HumanError(
    vscode.l10n.t(
      "Cannot use the option {0}: {1} is no address or name with a port, as in 127.0.0.1:9999 or [::1]:9999.",
      name,
      givenText(value),
    ),
  );
}

/** The datagram as it was sent, or where it came in. */
function wishOfDatagram({ source, id }: ChosenDatagram): Wish {
  if (!source.isLive) {
    throw new HumanError(
      vscode.l10n.t(
        "{0}: this capture is a file, whose sockets are not here; choose a bound port.",
        failure(),
      ),
    );
  }
  const { capture } = source;
  const flow = capture.flow(id);
  const length = capture.wireLength(id);
  if (flow.direction !== Direction.in) {
    return { to: peerEnd(flow), from: localEnd(flow), length };
  }
  const { pid } = capture.socket(flow.socket).program;
  return { to: localEnd(flow), from: peerEnd(flow), pid, length };
}

async function ask(context: Context, place: Place | undefined): Promise<Wish | undefined> {
  if (place?.kind === "row" || place?.kind === "datagram") {
    return wishOfDatagram(chosenDatagram(context.grids, place, failure()));
  }
  const there = place?.kind === "treeLine" ? wishOfLine(place.line) : undefined;
  return there ?? askEnd(context);
}

function wishOfLine(line: TreeLine): Wish | undefined {
  if (line instanceof OtherNode) {
    const { address, port, pid } = line.other.socket;
    return { to: { address, port }, pid };
  }
  const socket = socketOf(line);
  if (!socket?.local) return undefined;
  const { local, program } = socket;
  if (!(line instanceof PeerNode)) return { to: local, pid: program.pid };
  const { address, port, received } = line.peer;
  const peer = { address, port };
  // Who has never been heard: does it get what is sent to it?
  return received === 0 ? { to: peer, from: local } : { to: local, from: peer, pid: program.pid };
}

/** Asks where nothing arrives: at a bound port, or what is typed; of the latter, whether one may be sent there. */
async function askEnd({ live, sockets }: Context): Promise<Wish | undefined> {
  await sockets.refreshWithOwners();
  const wishes = new Map<string, Wish>();
  const items: PickItem[] = [];
  const add = (label: string, description: string, wish: Wish) => {
    const value = `${items.length}`;
    wishes.set(value, wish);
    items.push({ label: withoutIcons(label), description: withoutIcons(description), value });
  };
  for (const { name, local, program } of boundSockets(live.capture)) {
    if (!local) continue;
    add(printable(name, { limit: 80 }), printable(program.name, { limit: 60 }), {
      to: local,
      pid: program.pid,
    });
  }
  for (const other of sockets.others()) {
    const { address, port, pid } = other.socket;
    add(otherName(other), ownerText(other), { to: { address, port }, pid });
  }
  const title = vscode.l10n.t("Explain Silence");
  const where: PickStep = {
    kind: "pick",
    prompt: vscode.l10n.t(
      "Where does nothing arrive? A port, or type where you send: 10.0.0.2:9999",
    ),
    items,
    typed: (text) =>
      parseTarget(text)
        ? { label: withoutIcons(printable(text, { limit: 300 })), value: text }
        : undefined,
  };
  const [answer] = (await askSteps(title, [where])) ?? [];
  if (answer === undefined) return undefined;
  const wish = wishes.get(answer);
  if (wish) return wish;
  const may: PickStep = {
    kind: "pick",
    prompt: vscode.l10n.t(
      "May one empty datagram be sent to {0}?",
      printable(answer, { limit: 80 }),
    ),
    items: [
      { label: vscode.l10n.t("No, only look"), value: "" },
      { label: vscode.l10n.t("Yes, send one and see what comes of it"), value: "probe" },
    ],
  };
  const [permitted] = (await askSteps(title, [may])) ?? [];
  if (permitted === undefined) return undefined;
  // Not to many at once: that is a matter of Send Datagram.
  const probe = permitted === "" ? undefined : { confirmed: true };
  return { to: answer, probe };
}
