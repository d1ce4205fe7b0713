import * as vscode from "vscode";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { Views } from "../base/ids.ts";
import { numberText } from "../base/number_text.ts";
import { Store } from "../base/store.ts";
import { Throttle } from "../base/throttle.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { inLine } from "../ports/words.ts";
import type { WrittenRules } from "./network.ts";
import { type CountLine, type NetworkLine, PlaceLine } from "./network_lines.ts";

/** The figures are drawn anew at most so often. */
const REFRESH_MS = 500;

/** Rules that are on, and where. */
export interface RuledSocket {
  readonly socket: CapturedSocket;
  readonly rules: WrittenRules;
}

/** *Bad Network*: where it is bad, how, and what came of it. The view is there only while a rule is on. */
export class NetworkView implements vscode.TreeDataProvider<NetworkLine>, vscode.Disposable {
  readonly #store = new Store();
  readonly #changed = this.#store.add(new vscode.EventEmitter<CountLine[] | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #live: LiveCapture;
  readonly #tree: vscode.TreeView<NetworkLine>;
  #places: readonly PlaceLine[] = [];
  /** Records before this one have been counted. */
  #counted = 0;

  constructor(live: LiveCapture) {
    this.#live = live;
    this.#tree = this.#store.add(
      vscode.window.createTreeView(Views.badNetwork, { treeDataProvider: this }),
    );
    const update = this.#store.add(new Throttle(REFRESH_MS, () => this.#count()));
    this.#store.add(live.onDidChange(update.trigger));
  }

  /** Shows these and no others. What the rules of one do is counted for as long as they stay as they are. */
  show(ruled: readonly RuledSocket[]): void {
    this.#count();
    const before = this.#places;
    this.#places = ruled
      .flatMap(linesOf)
      .map((line) => before.find(({ key }) => key === line.key) ?? line);
    const isSame =
      before.length === this.#places.length &&
      this.#places.every((line, index) => line === before[index]);
    if (isSame) return;
    this.#describe();
    this.#changed.fire(undefined);
  }

  getChildren(line?: NetworkLine): NetworkLine[] {
    if (!line) return [...this.#places];
    return line instanceof PlaceLine ? [...line.lines] : [];
  }

  getTreeItem(line: NetworkLine): vscode.TreeItem {
    return line.item;
  }

  dispose(): void {
    this.#store.dispose();
  }

  #count(): void {
    const { capture } = this.#live;
    const from = Math.max(this.#counted, capture.firstId);
    this.#counted = capture.endId;
    const places = this.#places;
    if (places.length === 0 || from === this.#counted) return;
    const lines = places.flatMap((place) =>
      place.lines.filter((it) => it.kind === "badNetworkCount"),
    );
    const before = lines.map(({ item }) => item.description);
    for (const { counter } of places) counter.take(capture, from, this.#counted);
    // Who has one under the mouse does not have it drawn anew for nothing.
    const changed = lines.filter(({ item }, at) => item.description !== before[at]);
    if (changed.length === 0) return;
    this.#describe();
    this.#changed.fire(changed);
  }

  /** Beside the name of the view, where it is closed as well. */
  #describe(): void {
    const dropped = this.#places.reduce((sum, { counter }) => sum + counter.counts.dropped, 0);
    this.#tree.description = inLine([
      ...this.#places.map(({ label }) => label),
      dropped > 0 ? vscode.l10n.t("{0} dropped by a rule", numberText(dropped)) : "",
    ]);
  }
}

/** One for each peer that has rules of its own, and one for all others. */
function linesOf({ socket, rules }: RuledSocket): PlaceLine[] {
  const peers = new Set(rules.map(({ peer }) => peer));
  return [...peers].map((peer) => new PlaceLine(socket, rules, peer));
}
