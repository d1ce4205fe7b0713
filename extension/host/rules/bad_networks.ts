import * as vscode from "vscode";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { HumanError } from "../base/human_error.ts";
import type { Sending } from "../send/sending.ts";

/** Rules as they are written down; toSocketRules() has taken them. */
export type WrittenRules = readonly object[];

/** How often each program is told that its rules are still wanted: within {@link RULES_SILENCE_S} three times. */
const KEEP_MS = 3000;

interface Ruled {
  readonly socket: CapturedSocket;
  readonly rules: WrittenRules;
}

/**
 * The sockets whose network this window has made bad, for as long as it is there: the programs are told so again and again, and
 * a mark in the status bar says it.
 */
export class BadNetworks implements vscode.Disposable {
  readonly #sending: Sending;
  readonly #ruled = new Map<number, Ruled>();
  readonly #mark: vscode.StatusBarItem;
  #timer: NodeJS.Timeout | undefined;

  private constructor(sending: Sending) {
    this.#sending = sending;
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
  static of(sending: Sending): BadNetworks {
    const known = BadNetworks.#known.get(sending);
    if (known) return known;
    const made = sending.add(new BadNetworks(sending));
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
    if (!/^(node|deno|bun) /.test(program.runtime)) {
      throw new HumanError(
        vscode.l10n.t(
          "Cannot make the network of {0} bad: {1} is no JavaScript program; put a relay in front of it.",
          printable(name, { limit: 80 }),
          printable(program.name, { limit: 60 }),
        ),
      );
    }
    const error = await this.#sending.outbox.setRules(socket, rules);
    if (error !== undefined) {
      throw new HumanError(
        vscode.l10n.t("Cannot make the network of {0} bad: {1}.", printable(name), error),
      );
    }
    if (rules.length === 0) this.#ruled.delete(socket.id);
    else this.#ruled.set(socket.id, { socket, rules });
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
  }

  #show(): void {
    const names = this.sockets.map(({ name }) => withoutIcons(printable(name, { limit: 80 })));
    clearTimeout(this.#timer);
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
