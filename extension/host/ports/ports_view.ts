import { hostname } from "node:os";
import * as vscode from "vscode";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { Views } from "../base/ids.ts";
import { Store } from "../base/store.ts";
import { Throttle } from "../base/throttle.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { lineColors } from "./line_colors.ts";
import { filterOf, type PeerNode, type PortNode, parentOf } from "./nodes.ts";
import { otherItem, othersItem } from "./other_items.ts";
import { morePeersItem, otherPeersItem, peerItem } from "./peer_item.ts";
import { PortsModel } from "./ports_model.ts";
import { Rates } from "./rates.ts";
import { type RuleMark, rulesForPeer } from "./rule_mark.ts";
import { socketItem } from "./socket_item.ts";
import type { OtherSocket, SystemSockets } from "./system_sockets.ts";
import type { NetworkFacts } from "./tooltips.ts";

/** The tree is drawn anew at most so often, however fast datagrams come. */
const REFRESH_MS = 250;
/** "2 s ago" and the rates go on while nothing comes. */
const TICK_MS = 1000;
const ASK_AGAIN_MS = 20;

/** Run by a click on a line; of a line with a command, a click does not fold what is below it. Nobody else is to know it. */
const NARROW = "_udpWorkbench.narrow";

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
  /** Line → how it was drawn last. VS Code asks later, for one line after another; all are to tell of one moment. */
  readonly #drawn = new Map<PortNode, Drawn>();
  /** Line, or undefined for the roots → the lines below it as of that moment. */
  readonly #children = new Map<PortNode | undefined, PortNode[]>();
  readonly #tree: vscode.TreeView<PortNode>;
  readonly #live: LiveCapture;
  /** By the ids of their sockets. */
  #rules: ReadonlyMap<number, readonly RuleMark[]> = new Map();
  #ticking: NodeJS.Timeout | undefined;

  /** `narrow` is called with a filter whenever a person clicks a line, or presses Enter on it. */
  constructor(live: LiveCapture, sockets: SystemSockets, narrow: (filter: string) => void) {
    const store = this.#store;
    this.#live = live;
    this.#sockets = sockets;
    this.#model = new PortsModel(live, sockets);
    const tree = vscode.window.createTreeView(Views.ports, { treeDataProvider: this });
    this.#tree = store.add(tree);
    if (vscode.env.remoteName !== undefined) {
      tree.description = vscode.l10n.t("on {0}; UDP is not forwarded", hostname());
    }
    store.add(vscode.window.registerFileDecorationProvider(lineColors));
    this.#follow(tree.visible);
    store.add({ dispose: () => clearInterval(this.#ticking) });
    store.add(tree.onDidChangeVisibility(({ visible }) => this.#follow(visible)));
    store.add(tree.onDidCollapseElement(({ element }) => this.#children.delete(element)));
    // Without arguments: VS Code forgets those of a line that is drawn anew while the click is on its way.
    store.add(vscode.commands.registerCommand(NARROW, () => this.#narrow(narrow)));
    store.add(
      live.onDidChange(() => {
        this.#rates.tell(boundSockets(live.capture));
        this.#update.trigger();
      }),
    );
    store.add(sockets.onDidRefresh(this.#update.trigger));
  }

  getChildren(node?: PortNode): PortNode[] {
    const known = this.#children.get(node);
    if (known) return known;
    const children = this.#model.children(node);
    this.#children.set(node, children);
    return children;
  }

  getParent(node: PortNode): PortNode | undefined {
    return parentOf(node);
  }

  getTreeItem(node: PortNode): vscode.TreeItem {
    return (this.#drawn.get(node) ?? this.#draw(node)).item;
  }

  /** What a tooltip tells is asked only now that somebody wants to read it. */
  async resolveTreeItem(item: vscode.TreeItem, node: PortNode): Promise<vscode.TreeItem> {
    const tooltip = await this.#tooltip(node);
    // In a copy: one that has its tooltip is not asked for it again.
    return tooltip === undefined ? item : Object.assign(Object.create(item), { tooltip });
  }

  /** Shows the sockets of other processes, also where nothing of this window is bound. */
  async showOthers(): Promise<void> {
    this.#model.showOthers();
    await vscode.commands.executeCommand(`${Views.ports}.focus`);
    await this.#sockets.refresh();
    this.#redraw();
    await this.#reveal(this.#model.others, { expand: true });
  }

  /** Marks the ports whose network is bad by these rules, by the ids of their sockets, and no others. */
  readonly showRules = (rules: ReadonlyMap<number, readonly RuleMark[]>): void => {
    this.#rules = rules;
    this.#update.trigger();
  };

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

  /** Calls `narrow` for the selected line. VS Code knows of none while it asks for all anew, as a port came or went, and tells of no end. */
  #narrow(narrow: (filter: string) => void, tries = 100): void {
    const [line] = this.#tree.selection;
    const filter = line && filterOf(line);
    if (filter !== undefined) narrow(filter);
    else if (!line && tries > 0) setTimeout(() => this.#narrow(narrow, tries - 1), ASK_AGAIN_MS);
  }

  async #reveal(node: PortNode | undefined, options: { expand?: boolean }): Promise<void> {
    if (node) await this.#tree.reveal(node, { select: true, focus: true, ...options });
  }

  #item(node: PortNode): vscode.TreeItem {
    switch (node.kind) {
      case "socket":
        return socketItem(node, this.#facts(node.socket));
      case "peer":
        return peerItem(node, this.#rulesForPeer(node));
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

  async #tooltip(node: PortNode): Promise<string | undefined> {
    const { otherTooltip, peerTooltip, socketTooltip } = await import("./tooltips.ts");
    switch (node.kind) {
      case "peer":
        return peerTooltip(node, this.#rulesForPeer(node));
      case "socket":
        return socketTooltip(node.socket, this.#facts(node.socket), await this.#network());
      case "other":
        return otherTooltip(node.other, await this.#network());
      default:
        return undefined;
    }
  }

  #draw(node: PortNode): Drawn {
    const item = this.#item(node);
    const filter = filterOf(node);
    if (filter !== undefined) item.command = { command: NARROW, title: "" };
    const drawn = { item, look: look(item), of: node.kind === "other" ? node.other : undefined };
    this.#drawn.set(node, drawn);
    return drawn;
  }

  #facts(socket: CapturedSocket) {
    const refused = this.#live.capture.refusals?.countOfSocket(socket.place) ?? 0;
    const rules = this.#rules.get(socket.id) ?? [];
    return { system: this.#sockets.of(socket), rates: this.#rates.of(socket), refused, rules };
  }

  #rulesForPeer({ parent, peer }: PeerNode): readonly RuleMark[] {
    return rulesForPeer(this.#rules.get(parent.socket.id) ?? [], peer);
  }

  async #network(): Promise<NetworkFacts> {
    const { system } = this.#sockets;
    const [tcpListeners = [], groups = []] = await Promise.all([
      system?.tcpListeners(),
      system?.groups(),
    ]);
    return { tcpListeners, groups };
  }

  /** Draws all lines, and tells VS Code which have others below them now or look different. */
  #redraw(): void {
    const known = [...this.#children];
    if (!this.#tree.visible || known.length === 0) return;
    const before = new Set(known.flatMap(([, children]) => children));
    const stale = new Set<PortNode | undefined>();
    for (const [parent, children] of known) {
      if (parent && !before.has(parent)) {
        this.#children.delete(parent);
        continue;
      }
      const now = this.#model.children(parent);
      if (isSame(children, now)) continue;
      this.#children.set(parent, now);
      stale.add(parent);
    }
    const shown = new Set([...this.#children.values()].flat());
    for (const [node, drawn] of this.#drawn) {
      if (!shown.has(node)) {
        this.#drawn.delete(node);
        this.#model.forget(node);
      } else if (this.#mayHaveChanged(node, drawn) && this.#draw(node).look !== drawn.look) {
        stale.add(node);
      }
    }
    const lines = [...stale].filter((line) => line !== undefined);
    if (stale.size > 0) this.#changed.fire(lines.length < stale.size ? undefined : lines);
  }

  /** There may be hundreds of other processes' sockets, and hardly one of them changes. */
  #mayHaveChanged(node: PortNode, drawn: Drawn): boolean {
    return node.kind !== "other" || node.other !== drawn.of;
  }
}

interface Drawn {
  readonly item: vscode.TreeItem;
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
  resourceUri,
  contextValue,
  accessibilityInformation,
}: vscode.TreeItem): string {
  const { id, color } = iconPath instanceof vscode.ThemeIcon ? iconPath : {};
  const shown = [label, description, id, color, resourceUri?.path, contextValue];
  return JSON.stringify([...shown, accessibilityInformation]);
}
