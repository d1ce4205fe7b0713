import { isTimeMode, type TimeMode } from "../../parts/time_format.ts";
import { Marks } from "./marks.ts";

/** How rows are written, whichever datagrams they are: every row goes by it when it is drawn. */
export class RowStyle {
  #timeMode: TimeMode;
  /** What relative times count from, microseconds since 1970. */
  #start = 0;
  #hasDates = false;
  #marks = Marks.none;
  #fields: readonly string[] = [];
  #version = 0;

  constructor(timeMode: string | undefined) {
    this.#timeMode = isTimeMode(timeMode) ? timeMode : "absolute";
  }

  /** Another number whenever rows have to be written again. */
  get version(): number {
    return this.#version;
  }

  get timeMode(): TimeMode {
    return this.#timeMode;
  }

  set timeMode(mode: TimeMode) {
    this.#timeMode = mode;
    this.#version++;
  }

  /** Whether a time of day has its date: where that is not today's. */
  get hasDates(): boolean {
    return this.#hasDates;
  }

  set hasDates(hasDates: boolean) {
    if (hasDates === this.#hasDates) return;
    this.#hasDates = hasDates;
    this.#version++;
  }

  get start(): number {
    return this.#start;
  }

  set start(start: number) {
    if (start === this.#start) return;
    this.#start = start;
    if (this.#timeMode === "relative") this.#version++;
  }

  /** The fields that have columns, as filters call them. */
  get fields(): readonly string[] {
    return this.#fields;
  }

  set fields(fields: readonly string[]) {
    this.#fields = fields;
    this.#version++;
  }

  /** What is marked in previews. */
  get marks(): Marks {
    return this.#marks;
  }

  set marks(marks: Marks) {
    this.#marks = marks;
    this.#version++;
  }
}
