import type { DecodedField } from "../../../core/decode/decoded.ts";
import { fieldsWithPaths } from "../../../core/decode/field_path.ts";
import { create, on, setAttributes } from "../../parts/dom.ts";
import type { MenuPlace } from "../../parts/menu.ts";
import type { ByteRange, ByteSelection } from "./byte_selection.ts";
import { fieldAt, type TreeLine, treeLines } from "./tree_lines.ts";

export interface FieldTreeEvents {
  /** This field is selected; undefined: none is. */
  chosen(field: DecodedField | undefined): void;
  /** A person wants to know what can be done with a field. */
  openMenu(path: string, field: DecodedField, place: MenuPlace): void;
}

/** What was decoded, as a tree of the ARIA practices. The selected field's bytes are selected, and the other way round. */
export class FieldTree {
  readonly element: HTMLElement;
  readonly #selection: ByteSelection;
  readonly #events: FieldTreeEvents;
  /** Paths of what is closed: it stays so for the next datagram. */
  readonly #closed = new Set<string>();
  #fields: readonly DecodedField[] = [];
  #lines: readonly TreeLine[] = [];
  #items: readonly HTMLElement[] = [];
  #active = 0;

  constructor(label: string, selection: ByteSelection, events: FieldTreeEvents) {
    this.#selection = selection;
    this.#events = events;
    this.element = create("div", { class: "fields", role: "tree", "aria-label": label });
    on(this.element, "keydown", (event) => this.#keyDown(event));
    on(this.element, "click", (event) => this.#click(event));
    on(this.element, "contextmenu", (event) => this.#contextMenu(event));
    selection.onChange((range, by) => {
      if (by !== this) this.#follow(range);
    });
  }

  show(fields: readonly DecodedField[]): void {
    this.#fields = fields;
    this.#active = 0;
    this.#draw();
    this.#follow(this.#selection.range);
  }

  #draw(): void {
    const hadFocus = this.element.contains(document.activeElement);
    this.#lines = treeLines(this.#fields, this.#closed);
    this.#active = Math.max(0, Math.min(this.#active, this.#lines.length - 1));
    this.#items = this.#lines.map(treeItem);
    this.element.replaceChildren(...this.#items);
    this.#activate(this.#active, hadFocus);
  }

  #activate(index: number, focus: boolean): void {
    const item = this.#items[index];
    if (!item) return;
    for (const old of [this.#items[this.#active], item]) old?.setAttribute("tabindex", "-1");
    this.#active = index;
    item.tabIndex = 0;
    if (focus) item.focus();
  }

  /** The field is chosen: its bytes are selected. */
  #choose(index: number): void {
    this.#activate(index, true);
    const line = this.#lines[index];
    if (!line) return;
    this.#markSelected(index);
    this.#selection.select({ from: line.field.from, to: line.field.to }, this);
  }

  /** Bytes were selected elsewhere: the innermost field that holds them shows. */
  #follow(range: ByteRange | undefined): void {
    const index = range ? fieldAt(this.#lines, range) : -1;
    this.#markSelected(index);
    if (index < 0) return;
    this.#activate(index, false);
    this.#items[index]?.scrollIntoView({ block: "nearest" });
  }

  #markSelected(index: number): void {
    this.#events.chosen(this.#lines[index]?.field);
    for (const [at, item] of this.#items.entries()) {
      if (at === index || item.getAttribute("aria-selected") === "true") {
        setAttributes(item, { "aria-selected": at === index });
      }
    }
  }

  #setOpen(index: number, isOpen: boolean): void {
    const line = this.#lines[index];
    if (!line) return;
    if (isOpen) this.#closed.delete(line.path);
    else this.#closed.add(line.path);
    this.#draw();
    this.#follow(this.#selection.range);
    this.#activate(index, true);
  }

  #click(event: MouseEvent): void {
    const index = this.#items.findIndex(
      (item) => event.target instanceof Node && item.contains(event.target),
    );
    const line = this.#lines[index];
    if (!line) return;
    this.#choose(index);
    const isTwisty = event.target instanceof Element && event.target.matches(".twisty");
    if (isTwisty && line.isOpen !== undefined) this.#setOpen(index, !line.isOpen);
  }

  /** With the right button, or with the key for menus at the field that has the focus. */
  #contextMenu(event: MouseEvent): void {
    const index = this.#items.findIndex(
      (item) => event.target instanceof Node && item.contains(event.target),
    );
    const field = this.#lines[index]?.field;
    const path = fieldsWithPaths(this.#fields).find((one) => one.field === field)?.path;
    if (!field || path === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#choose(index);
    const { left, bottom } = this.#items[index]?.getBoundingClientRect() ?? { left: 0, bottom: 0 };
    const isByKey = event.button !== 2;
    this.#events.openMenu(
      path,
      field,
      isByKey ? { x: left, y: bottom } : { x: event.clientX, y: event.clientY },
    );
  }

  #keyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = this.#active;
    const line = this.#lines[index];
    if (!line) return;
    const last = this.#lines.length - 1;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: Math.min(last, index + 1),
      ArrowUp: Math.max(0, index - 1),
      Home: 0,
      End: last,
      Enter: index,
      " ": index,
    };
    const target = Object.hasOwn(moves, event.key) ? moves[event.key] : undefined;
    if (target !== undefined) this.#choose(target);
    else if (event.key === "ArrowRight" && line.isOpen === false) this.#setOpen(index, true);
    else if (event.key === "ArrowRight" && line.isOpen) this.#choose(index + 1);
    else if (event.key === "ArrowLeft" && line.isOpen) this.#setOpen(index, false);
    else if (event.key === "ArrowLeft") this.#choose(line.parent ?? index);
    else if (event.key !== "ArrowRight") return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function treeItem({ field, level, position, count, isOpen }: TreeLine): HTMLElement {
  const twisty = create("span", { class: "twisty", "aria-hidden": "true" });
  const item = create(
    "div",
    {
      class: "field",
      role: "treeitem",
      tabindex: "-1",
      "aria-level": level,
      "aria-posinset": position,
      "aria-setsize": count,
      "aria-expanded": isOpen,
      "aria-selected": "false",
      title: `${field.name}: ${field.value}`,
    },
    twisty,
    create("span", { class: "name" }, field.name),
    field.value === "" ? "" : ": ",
    create("span", { class: "value" }, field.value),
  );
  item.style.setProperty("--level", String(level - 1));
  return item;
}
