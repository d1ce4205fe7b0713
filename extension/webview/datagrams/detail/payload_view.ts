import { indentedJson } from "../../../core/text/json_text.ts";
import { create } from "../../parts/dom.ts";
import { t } from "../../parts/l10n.ts";
import { Tabs } from "../../parts/tabs.ts";
import type { DatagramDetail } from "../protocol.ts";
import { ByteSelection } from "./byte_selection.ts";
import { type DecodedEvents, DecodedView } from "./decoded_view.ts";
import { HexView } from "./hex_view.ts";
import { TextColumn } from "./text_column.ts";
import { TextView } from "./text_view.ts";

const NOTHING = new Uint8Array();

export interface PayloadEvents extends DecodedEvents {
  tabChanged(id: string): void;
}

/** A payload as text, as a hex dump, as JSON and decoded, whichever tab is chosen; the others cost nothing. */
export class PayloadView {
  readonly tabs: Tabs;
  /** The panels, of which one shows. */
  readonly panels: readonly HTMLElement[];
  readonly #selection = new ByteSelection();
  readonly #panel = {
    text: create("div", { class: "panel" }),
    hex: create("div", { class: "panel" }),
    json: create("div", { class: "panel" }),
    decoded: create("div", { class: "panel" }),
  };
  readonly #text: TextView;
  readonly #hex: HexView;
  readonly #jsonText = new TextColumn();
  readonly #decoded: DecodedView;
  #payload: Uint8Array = NOTHING;
  #json: readonly string[] | undefined;
  /** Panels that show the payload already. */
  readonly #drawn = new Set<HTMLElement>();

  constructor(tab: string | undefined, events: PayloadEvents) {
    const panel = this.#panel;
    this.#text = new TextView(this.#selection);
    this.#hex = new HexView(this.#selection, panel.hex);
    this.#decoded = new DecodedView(this.#selection, panel.decoded, events);
    const tabs = [
      { id: "text", label: t("Text"), panel: panel.text },
      { id: "hex", label: t("Hex"), panel: panel.hex },
      { id: "json", label: "JSON", panel: panel.json },
      { id: "decoded", label: "", panel: panel.decoded },
    ];
    this.tabs = new Tabs(tabs, tab, (id) => {
      this.#render();
      events.tabChanged(id);
    });
    this.panels = Object.values(panel);
    // A dump has as many bytes on a line as fit.
    new ResizeObserver(() => this.#render()).observe(panel.hex);
  }

  show({ payload, decoded, row }: DatagramDetail): void {
    this.#payload = payload;
    this.#selection.select(undefined, this);
    this.#json = indentedJson(payload);
    this.#drawn.clear();
    for (const panel of this.panels) panel.scrollTop = 0;
    const notes = this.#notes(row.length);
    const { text, hex, json } = this.#panel;
    text.replaceChildren(...notes, this.#text.element);
    hex.replaceChildren(...this.#notes(row.length), this.#hex.element);
    json.replaceChildren(this.#jsonText.element);
    this.#hex.show(payload);
    this.#decoded.show(decoded, payload);
    this.tabs.offer({
      text: true,
      hex: true,
      json: this.#json !== undefined,
      decoded: decoded !== undefined,
    });
    this.tabs.rename("decoded", decoded?.protocol ?? "");
    this.#render();
  }

  /** Marks the bytes at these offsets in the dump as changed by a rule. */
  markChanged(offsets: readonly number[]): void {
    this.#hex.markChanged(offsets);
  }

  /** Goes to what was decoded, where there is any. */
  showDecoded(): void {
    this.tabs.choose("decoded");
  }

  /** What the tab shows, or the part of it that is selected. */
  get copied(): string {
    switch (this.tabs.panel) {
      case this.#panel.hex:
        return this.#hex.copied;
      case this.#panel.json:
        return this.#json?.join("\n") ?? "";
      case this.#panel.decoded:
        return this.#decoded.copied;
      default:
        return this.#text.copied;
    }
  }

  #render(): void {
    const { panel } = this.tabs;
    if (!panel) return;
    // How many bytes fit on a line changes with the room.
    if (panel === this.#panel.hex) this.#hex.render();
    if (panel === this.#panel.decoded) this.#decoded.render();
    if (this.#drawn.has(panel)) return;
    this.#drawn.add(panel);
    if (panel === this.#panel.text) this.#text.show(this.#payload);
    if (panel === this.#panel.json) this.#jsonText.show(this.#json ?? []);
  }

  /** What has to be said about the payload before it is shown. `length`: bytes of the datagram. */
  #notes(length: number): HTMLElement[] {
    const known = this.#payload.length;
    if (length === 0) return [create("p", { class: "none" }, t("No payload"))];
    if (known === length) return [];
    const text = t("Showing the first {0} of {1} bytes", known, length);
    return [create("p", { class: "cut" }, text)];
  }
}
