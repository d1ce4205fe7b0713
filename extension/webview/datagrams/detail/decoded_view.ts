import type { DefinedAt } from "../../../core/decode/decoded.ts";
import { create, on } from "../../parts/dom.ts";
import { t } from "../../parts/l10n.ts";
import type { DetailDecoded } from "../protocol.ts";
import type { ByteSelection } from "./byte_selection.ts";
import { type FieldEvents, openFieldMenu } from "./field_menu.ts";
import { FieldTree } from "./field_tree.ts";
import { HexView } from "./hex_view.ts";

export interface DecodedEvents {
  /** The person wants another decoder. */
  decodeAs(): void;
  /** The person wants to see the line of a definition. */
  openLine(at: DefinedAt): void;
  readonly fields: FieldEvents;
}

/** What a payload says in the words of its protocol, beside the bytes that say it. */
export class DecodedView {
  readonly #panel: HTMLElement;
  readonly #origin = create("span");
  readonly #summary = create("p", { class: "summary" });
  readonly #problem = create("p", { class: "cut" });
  /** To the line of the definition that names the selected field. */
  readonly #line = create("button", { class: "action", type: "button" });
  readonly #tree: FieldTree;
  readonly #bytes: HTMLElement;
  readonly #hex: HexView;
  #decoded: DetailDecoded | undefined;
  #definedAt: DefinedAt | undefined;

  /** `panel`: the tab's, which it fills. */
  constructor(selection: ByteSelection, panel: HTMLElement, events: DecodedEvents) {
    const { decodeAs, openLine } = events;
    const another = create("button", { class: "action", type: "button" }, t("Decode As..."));
    on(another, "click", decodeAs);
    this.#panel = panel;
    this.#tree = new FieldTree(t("Fields"), selection, {
      chosen: (field) => this.#chose(field?.definedAt),
      openMenu: (path, field, place) => {
        const decoded = this.#decoded;
        if (decoded && "decoder" in decoded) {
          openFieldMenu(decoded.decoder, path, field, place, events.fields);
        }
      },
    });
    this.#bytes = create("div", {
      class: "bytes",
      role: "group",
      tabindex: "0",
      "aria-label": t("Hex"),
    });
    this.#hex = new HexView(selection, this.#bytes);
    this.#bytes.append(this.#hex.element);
    panel.classList.add("decoded");
    panel.append(
      create(
        "div",
        { class: "said" },
        this.#summary,
        this.#problem,
        this.#tree.element,
        create("p", { class: "origin" }, this.#origin, another, this.#line),
      ),
      this.#bytes,
    );
    new ResizeObserver(() => this.render()).observe(this.#bytes);
    const open = () => {
      if (this.#definedAt) openLine(this.#definedAt);
    };
    this.#line.hidden = true;
    on(this.#line, "click", open);
    on(panel, "keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      open();
      event.preventDefault();
    });
  }

  show(decoded: DetailDecoded | undefined, payload: Uint8Array): void {
    this.#decoded = decoded;
    this.#hex.show(payload);
    const problem = decoded && "problem" in decoded ? decoded.problem : "";
    this.#panel.classList.toggle("has-problem", problem !== "");
    this.#problem.textContent = problem;
    this.#problem.hidden = problem === "";
    this.#summary.textContent = decoded && "summary" in decoded ? decoded.summary : "";
    this.#summary.hidden = this.#summary.textContent === "";
    this.#origin.textContent = decoded?.origin ?? "";
    this.#tree.element.hidden = problem !== "";
    this.#tree.show(decoded && "fields" in decoded ? decoded.fields : []);
    this.#bytes.scrollTop = 0;
  }

  #chose(definedAt: DefinedAt | undefined): void {
    this.#definedAt = definedAt;
    this.#line.hidden = definedAt === undefined;
    if (!definedAt) return;
    const file = definedAt.file.split("/").at(-1) ?? "";
    this.#line.textContent = t("{0}, line {1}", file, definedAt.line);
    this.#line.title = t("Show in the definition (Ctrl+Enter)");
  }

  /** Draws the bytes; only when they show. */
  render(): void {
    if (this.#panel.hidden || !this.#decoded) return;
    if (this.#bytes.clientHeight > 0) this.#hex.render();
  }

  /** The fields, an indented line each, or the problem. */
  get copied(): string {
    const decoded = this.#decoded;
    if (!decoded) return "";
    if ("problem" in decoded) return decoded.problem;
    const lines: string[] = [`${decoded.protocol}: ${decoded.summary}`];
    const write = (fields: typeof decoded.fields, indent: string) => {
      for (const { name, value, fields: within } of fields) {
        lines.push(value === "" ? `${indent}${name}` : `${indent}${name}: ${value}`);
        write(within, `${indent}  `);
      }
    };
    write(decoded.fields, "  ");
    return lines.join("\n");
  }
}
