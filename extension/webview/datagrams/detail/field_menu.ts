import type { DecodedField } from "../../../core/decode/decoded.ts";
import { fieldCondition } from "../../../core/decode/field_condition.ts";
import { t } from "../../parts/l10n.ts";
import { Menu, type MenuPlace } from "../../parts/menu.ts";

/** What a person does with a field of the detail. */
export interface FieldEvents {
  /** `isOut`: only datagrams that do not fulfil it are to be shown. */
  filtered(condition: string, isOut: boolean): void;
  /** The field, as filters call it, is to be a column. */
  columnAdded(name: string): void;
  /** The field, as filters call it, is to be drawn over time. */
  plotted(name: string): void;
  /** For the clipboard. */
  copied(text: string): void;
}

/** Opens the menu of a field. `decoder`: what its name begins with; `path`: of the field in what that has found. */
export function openFieldMenu(
  decoder: string,
  path: string,
  { value }: DecodedField,
  place: MenuPlace,
  events: FieldEvents,
): void {
  const name = path.startsWith("[") ? `${decoder}${path}` : `${decoder}.${path}`;
  const condition = fieldCondition(name, value);
  const command = (label: string, run: () => void) => ({ kind: "command", label, run }) as const;
  const groups = [
    [
      command(t("Filter by"), () => events.filtered(condition, false)),
      command(t("Filter out"), () => events.filtered(condition, true)),
    ],
    [
      command(t("Add as Column"), () => events.columnAdded(name)),
      command(t("Plot"), () => events.plotted(name)),
    ],
    [
      command(t("Copy Value"), () => events.copied(value)),
      command(t("Copy Path"), () => events.copied(path)),
    ],
  ];
  new Menu(t("Field"), place, () => groups);
}
