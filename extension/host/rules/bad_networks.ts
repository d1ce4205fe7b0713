import * as vscode from "vscode";
import { type Rule, toRule } from "../../../scripts/udp_relay.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import { type SocketRule, toSocketRules } from "../../core/wire/socket_rule.ts";
import { setContextKey } from "../base/context_key.ts";
import { HumanError } from "../base/human_error.ts";
import type { RuleMark } from "../ports/rule_mark.ts";
import type { Sending } from "../send/sending.ts";
import type { WrittenRules } from "./network.ts";
import { NetworkView, type RuledSocket } from "./network_view.ts";
import { ruleWords } from "./rule_words.ts";

/** Where the ports are shown: marks those with these ids, and no others. */
export interface MarkedPorts {
  showRules(rules: ReadonlyMap<number, readonly RuleMark[]>): void;
}

/** How often each program is told that its rules are still wanted: within {@link RULES_SILENCE_S} three times. */
const KEEP_MS = 3000;

interface Ruled extends RuledSocket {
  readonly marks: readonly RuleMark[];
}

/**
 * The sockets whose network this window has made bad, for as long as it is there: the programs are told so again and again, and
 * a mark in the status bar says it, one at each port, and a view that is there meanwhile.
 */
export class BadNetworks implements vscode.Disposable {
  readonly #sending: Sending;
  readonly #ports: MarkedPorts;
  readonly #ruled = new Map<number, Ruled>();
  readonly #mark: vscode.StatusBarItem;
  /** Made with the first of them. */
  #view: NetworkView | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(sending: Sending, ports: MarkedPorts) {
    this.#sending = sending;
    this.#ports = ports;
    this.#mark = vscode.window.createStatusBarItem(
      "udpWorkbench.badNetwork",
      vscode.StatusBarAlignment.Left,
    );
    this.#mark.name = vscode.l10n.t("Bad UDP Network");
    this.#mark.command = "udpWorkbench.stopAllRules";
    this.#mark.backgroundColor = new vscode.ThemeColor("statusBarItem.warningBackground");
  }

  static readonly #known = new WeakMap<Sending, BadNetworks>();

  /** Those of this window; they end with what sends. */
  static of(sending: Sending, ports: MarkedPorts): BadNetworks {
    const known = BadNetworks.#known.get(sending);
    if (known) return known;
    const made = sending.add(new BadNetworks(sending, ports));
    BadNetworks.#known.set(sending, made);
    return made;
  }

  /** Those that rules are on for. */
  get sockets(): CapturedSocket[] {
    return [...this.#ruled.values()].map(({ socket }) => socket);
  }

  rulesOf({ id }: CapturedSocket): WrittenRules {
    return this.#ruled.get(id)?.rules ?? [];
  }

  /** Has these rules in place of those before; none of them: the network is good again. Throws a {@link HumanError}. */
  async set(socket: CapturedSocket, rules: WrittenRules): Promise<void> {
    const { name, program } = socket;
    if (!/^(node|deno|bun|python|pypy) /i.test(program.runtime)) {
      throw new HumanError(
        vscode.l10n.t(
          "Cannot make the network of {0} bad: {1} is no JavaScript or Python program; put a relay in front of it.",
          printable(name, { limit: 80 }),
          printable(program.name, { limit: 60 }),
        ),
      );
    }
    const marks = toSocketRules(rules, toRule).map(markOf);
    const error = await this.#sending.outbox.setRules(socket, rules);
    if (error !== undefined) {
      throw new HumanError(
        vscode.l10n.t("Cannot make the network of {0} bad: {1}.", printable(name), error),
      );
    }
    if (rules.length === 0) this.#ruled.delete(socket.id);
    else this.#ruled.set(socket.id, { socket, rules, marks });
    this.#show();
  }

  /** How many sockets had rules. One that cannot be told any more has none in ten seconds. */
  async stopAll(): Promise<number> {
    const sockets = this.sockets;
    this.#ruled.clear();
    this.#show();
    await Promise.allSettled(sockets.map((socket) => this.#sending.outbox.setRules(socket, [])));
    return sockets.length;
  }

  dispose(): void {
    void this.stopAll();
    clearTimeout(this.#timer);
    this.#mark.dispose();
    this.#view?.dispose();
  }

  #show(): void {
    const names = this.sockets.map(({ name }) => withoutIcons(printable(name, { limit: 80 })));
    clearTimeout(this.#timer);
    const marks = [...this.#ruled].map(([id, { marks }]) => [id, marks] as const);
    this.#ports.showRules(new Map(marks));
    const ruled = [...this.#ruled.values()];
    if (ruled.length > 0) this.#view ??= new NetworkView(this.#sending.live);
    this.#view?.show(ruled);
    setContextKey("udpWorkbench.ruled", ruled.length > 0);
    if (names.length === 0) {
      this.#mark.hide();
      return;
    }
    const [first = ""] = names;
    this.#mark.text = `$(pulse) ${
      names.length === 1
        ? vscode.l10n.t("Bad Network on {0}", first)
        : vscode.l10n.t("Bad Network on {0} ports", String(names.length))
    }`;
    this.#mark.tooltip = vscode.l10n.t(
      "Rules are on for {0}. They end with this window, and with a click.",
      names.join(", "),
    );
    this.#mark.accessibilityInformation = { label: this.#mark.tooltip };
    this.#mark.show();
    this.#timer = setTimeout(() => void this.#keep(), KEEP_MS);
  }

  async #keep(): Promise<void> {
    await Promise.all(
      [...this.#ruled].map(async ([id, ruled]) => {
        const isKept =
          ruled.socket.state === "bound" && (await this.#sending.outbox.keepRules(ruled.socket));
        // Others may have been set meanwhile.
        if (!isKept && this.#ruled.get(id) === ruled) this.#ruled.delete(id);
      }),
    );
    this.#show();
  }
}

function markOf({ direction, peer, rule }: SocketRule<Rule>): RuleMark {
  const words = printable(ruleWords(rule), { limit: 300 });
  const { t } = vscode.l10n;
  if (!peer) {
    const text =
      direction === "in"
        ? t("A rule is on for what comes in: {0}.", words)
        : t("A rule is on for what goes out: {0}.", words);
    return { peer: undefined, text };
  }
  const name = formatEndpoint(peer);
  const text =
    direction === "in"
      ? t("A rule is on for what comes from {0}: {1}.", name, words)
      : t("A rule is on for what goes to {0}: {1}.", name, words);
  return { peer: name, text };
}
