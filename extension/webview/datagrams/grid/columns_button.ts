import { on } from "../../parts/dom.ts";
import { iconButton } from "../../parts/icons.ts";
import { t } from "../../parts/l10n.ts";
import { Menu, type MenuPlace } from "../../parts/menu.ts";
import { columnsMenu, type TimeChoice } from "./columns_menu.ts";
import type { GridColumns } from "./grid_columns.ts";

/** The button that opens the grid's menu; so does a right click on the head. `time`: the choice as it is now. */
export function columnsButton(columns: GridColumns, time: () => TimeChoice): HTMLElement {
  const label = t("Columns and Time");
  const open = (place: MenuPlace) => new Menu(label, place, () => columnsMenu(columns, time()));
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
