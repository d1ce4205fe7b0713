import type { MenuItem } from "../../parts/menu.ts";
import { TIME_MODES, type TimeMode } from "../../parts/time_format.ts";
import type { WebviewStrings } from "../protocol.ts";
import { COLUMN_NAMES } from "./columns.ts";
import { columnWord, type GridColumns } from "./grid_columns.ts";

export interface TimeChoice {
  readonly mode: TimeMode;
  choose(mode: TimeMode): void;
}

/** The menu of the grid: what the time column tells, and, where there are columns, which of them show. */
export function columnsMenu(
  strings: WebviewStrings,
  columns: GridColumns,
  time: TimeChoice,
): readonly (readonly MenuItem[])[] {
  const timeWords: Record<TimeMode, string> = {
    absolute: strings.timeAbsolute,
    relative: strings.timeRelative,
    delta: strings.timeDelta,
  };
  const times = TIME_MODES.map((mode): MenuItem => {
    const checked = mode === time.mode;
    return { kind: "radio", label: timeWords[mode], checked, run: () => time.choose(mode) };
  });
  if (!columns.areShown) return [times];
  const { hidden } = columns.layout;
  const names = COLUMN_NAMES.map((name): MenuItem => {
    const checked = !hidden.includes(name);
    const label = columnWord(name, strings);
    return { kind: "checkbox", label, checked, run: () => columns.toggle(name) };
  });
  const reset = {
    kind: "command",
    label: strings.resetColumns,
    run: () => columns.reset(),
  } as const;
  return [times, names, [reset]];
}
