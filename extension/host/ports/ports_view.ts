import { hostname } from "node:os";
import * as vscode from "vscode";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { Views } from "../base/ids.ts";
import { Store } from "../base/store.ts";
import { Throttle } from "../base/throttle.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { filterOf, type PortNode, parentOf } from "./nodes.ts";
import { otherItem, othersItem, otherTooltip } from "./other_items.ts";
import { morePeersItem, otherPeersItem, peerItem, peerTooltip } from "./peer_item.ts";
import { PortsModel } from "./ports_model.ts";
import { Rates } from "./rates.ts";
import { type NetworkFacts, socketItem, socketTooltip } from "./socket_item.ts";
import type { OtherSocket, SystemSockets } from "./system_sockets.ts";

/** The tree is drawn anew at most so often, however fast datagrams come. */
const REFRESH_MS = 250;
/** "2 s ago" and the rates go on while nothing comes. */
const TICK_MS = 1000;

/**
 * The Bound Ports view: every port that a tapped program has bound and who it talks with, and the sockets of other
 * processes. Only lines that look different from before are drawn anew, so that selection, focus and what is expanded
 * stay, and nothing flickers.
 */
export class PortsView implements vscode.TreeDataProvider<PortNode>, vscode.Disposable {
  readonly #sockets: SystemSockets;
  readonly #model: PortsModel;
  readonly #rates = new Rates();
  readonly #store = new Store();
  readonly #changed = this.#store.add(new vscode.EventEmitter<PortNode[] | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #update = this.#store.add(new Throttle(REFRESH_MS, () => this.#redraw()));
  /** Line → what it looked like when VS Code last asked. */
  readonly #drawn = new Map<PortNode, Drawn>();
  /** Line, or undefined for the roots → the lines below it that VS Code knows of. */
  readonly #children = new Map<PortNode | undefined, readonly PortNode[]>();
  readonly #tree: vscode.TreeView<PortNode>;
  #ticking: NodeJS.Timeout | undefined;

  /** `narrow` is called with a filter when a person selects a line. */
  constructor(live: LiveCapture, sockets: SystemSockets, narrow: (filter: string) => void) {
    const store = this.#store;
    this.#sockets = sockets;
    this.#model = new PortsModel(live, sockets);
    const tree = vscode.window.createTreeView(Views.ports, { treeDataProvider: this });
    this.#tree = store.add(tree);
    if (vscode.env.remoteName !== undefined) {
      tree.description = vscode.l10n.t("on {0}; UDP is not forwarded", hostname());
    }
    this.#follow(tree.visible);
    store.add({ dispose: () => clearInterval(this.#ticking) });
    store.add(tree.onDidChangeVisibility(({ visible }) => this.#follow(visible)));
    store.add(tree.onDidCollapseElement(({ element }) => this.#children.delete(element)));
    store.add(
      tree.onDidChangeSelection(({ selection: [node] }) => {
        const filter = node && filterOf(node);
        if (filter !== undefined) narrow(filter);
      }),
    );
    store.add(
      live.onDidChange(() => {
        this.#rates.tell(boundSockets(live.capture));
        this.#update.trigger();
      }),
    );
    store.add(sockets.onDidRefresh(this.#update.trigger));
  }

  getChildren(node?: PortNode): PortNode[] {
    const children = this.#model.children(node);
    this.#children.set(node, children);
    return children;
  }

  getParent(node: PortNode): PortNode | undefined {
    return parentOf(node);
  }

  getTreeItem(node: PortNode): vscode.TreeItem {
    const item = this.#item(node);
    this.#drawn.set(node, { look: look(item), of: node.kind === "other" ? node.other : undefined });
    return item;
  }

  /** What a tooltip tells is asked only now that somebody wants to read it. */
  async resolveTreeItem(item: vscode.TreeItem, node: PortNode): Promise<vscode.TreeItem> {
    if (node.kind === "peer") item.tooltip = peerTooltip(node);
    else if (node.kind === "socket") {
      item.tooltip = socketTooltip(node.socket, this.#facts(node.socket), await this.#network());
    } else if (node.kind === "other") {
      item.tooltip = otherTooltip(node.other, await this.#network());
    }
    return item;
  }

  /** Shows the sockets of other processes, also where nothing of this window is bound. */
  async showOthers(): Promise<void> {
    this.#model.showOthers();
    await vscode.commands.executeCommand(`${Views.ports}.focus`);
    await this.#sockets.refresh();
    this.#redraw();
    await this.#reveal(this.#model.others, { expand: true });
  }

  /** Selects the line of a socket, tapped or not, where it has one. */
  async reveal(socket: CapturedSocket | OtherSocket): Promise<void> {
    if ("isSearched" in socket) await this.showOthers();
    await this.#reveal(this.#model.lineOf(socket), {});
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** What the system says is asked while somebody can see it. */
  #follow(isVisible: boolean): void {
    this.#sockets.watch(isVisible);
    clearInterval(this.#ticking);
    if (isVisible) this.#ticking = setInterval(this.#update.trigger, TICK_MS);
  }

  async #reveal(node: PortNode | undefined, options: { expand?: boolean }): Promise<void> {
    if (node) await this.#tree.reveal(node, { select: true, focus: true, ...options });
  }

  #item(node: PortNode): vscode.TreeItem {
    switch (node.kind) {
      case "socket":
        return socketItem(node, this.#facts(node.socket));
      case "peer":
        return peerItem(node);
      case "morePeers":
        return morePeersItem(node);
      case "otherPeers":
        return otherPeersItem(node);
      case "others":
        return othersItem(node);
      case "other":
        return otherItem(node);
    }
  }

  #facts(socket: CapturedSocket) {
    return { system: this.#sockets.of(socket), rates: this.#rates.of(socket) };
  }

  async #network(): Promise<NetworkFacts> {
    const { system } = this.#sockets;
    const [tcpListeners = [], groups = []] = await Promise.all([
      system?.tcpListeners(),
      system?.groups(),
    ]);
    return { tcpListeners, groups };
  }

  /** Tells VS Code which lines it has to draw anew: those with other lines below them, and those that look different. */
  #redraw(): void {
    const known = [...this.#children];
    if (!this.#tree.visible || known.length === 0) return;
    const shown = new Set([...this.#children.values()].flat());
    const stale = new Set<PortNode>();
    for (const [parent, before] of known) {
      if (parent && !shown.has(parent)) this.#children.delete(parent);
      else if (!isSame(before, this.#model.children(parent))) {
        if (!parent) {
          this.#changed.fire(undefined);
          return;
        }
        stale.add(parent);
      }
    }
    for (const [node, before] of this.#drawn) {
      if (!shown.has(node)) {
        this.#drawn.delete(node);
        this.#model.forget(node);
      } else if (this.#hasChanged(node, before)) stale.add(node);
    }
    if (stale.size > 0) this.#changed.fire([...stale]);
  }

  #hasChanged(node: PortNode, before: Drawn): boolean {
    // There may be hundreds of these, and hardly one of them changes.
    if (node.kind === "other" && node.other === before.of) return false;
    return look(this.#item(node)) !== before.look;
  }
}

interface Drawn {
  readonly look: string;
  /** What it is of, where that is another object whenever it has changed. */
  readonly of: OtherSocket | undefined;
}

function isSame(one: readonly PortNode[], other: readonly PortNode[]): boolean {
  return one.length === other.length && one.every((node, index) => node === other[index]);
}

/** All of an item that can be seen or heard. */
function look({
  label,
  description,
  iconPath,
  contextValue,
  accessibilityInformation,
}: vscode.TreeItem): string {
  const { id, color } = iconPath instanceof vscode.ThemeIcon ? iconPath : {};
  return JSON.stringify([label, description, id, color, contextValue, accessibilityInformation]);
}
