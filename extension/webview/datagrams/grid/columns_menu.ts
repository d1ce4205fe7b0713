import { t } from "../../parts/l10n.ts";
import type { MenuItem } from "../../parts/menu.ts";
import { TIME_MODES, type TimeMode } from "../../parts/time_format.ts";
import { columnsOf } from "./columns.ts";
import type { GridColumns } from "./grid_columns.ts";

export interface TimeChoice {
  readonly mode: TimeMode;
  choose(mode: TimeMode): void;
}

/** The menu of the grid: what the time column tells, and, where there are columns, which of them show. */
export function columnsMenu(
  columns: GridColumns,
  time: TimeChoice,
): readonly (readonly MenuItem[])[] {
  const timeWords: Record<TimeMode, string> = {
    absolute: t("Time of Day"),
    relative: t("Since Start"),
    delta: t("Since Previous"),
  };
  const times = TIME_MODES.map((mode): MenuItem => {
    const checked = mode === time.mode;
    return { kind: "radio", label: timeWords[mode], checked, run: () => time.choose(mode) };
  });
  if (!columns.areShown) return [times];
  const { hidden } = columns.layout;
  const names = columnsOf(columns.layout).map((name): MenuItem => {
    const checked = !hidden.includes(name);
    const label = columns.word(name);
    return { kind: "checkbox", label, checked, run: () => columns.toggle(name) };
  });
  const reset = {
    kind: "command",
    label: t("Reset Columns"),
    run: () => columns.reset(),
  } as const;
  return [times, names, [reset]];
}
