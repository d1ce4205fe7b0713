import { on } from "../../parts/dom.ts";
import { iconButton } from "../../parts/icons.ts";
import { Menu, type MenuPlace } from "../../parts/menu.ts";
import type { WebviewStrings } from "../protocol.ts";
import { columnsMenu, type TimeChoice } from "./columns_menu.ts";
import type { GridColumns } from "./grid_columns.ts";

/** The button that opens the grid's menu; so does a right click on the head. `time`: the choice as it is now. */
export function columnsButton(
  strings: WebviewStrings,
  columns: GridColumns,
  time: () => TimeChoice,
): HTMLElement {
  const label = strings.columnsMenu;
  const open = (place: MenuPlace) =>
    new Menu(label, place, () => columnsMenu(strings, columns, time()));
  const button = iconButton("columns", label, { "aria-haspopup": "menu" });
  on(button, "click", () => {
    const { right, bottom } = button.getBoundingClientRect();
    open({ x: right, y: bottom });
  });
  on(columns.head, "contextmenu", (event) => {
    event.preventDefault();
    open({ x: event.clientX, y: event.clientY });
  });
  return button;
}
