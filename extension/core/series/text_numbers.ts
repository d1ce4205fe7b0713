import {
  type NumberSink,
  nameText,
  type SampleNumber,
  SampleState,
  sampleBoolean,
  sampleNumber,
} from "./number_sink.ts";

/** A longer text is no line of numbers: what is behind this many bytes is not looked at. */
const MOST_BYTES = 65_536;
/** More columns are samples of one field. */
const MOST_COLUMNS = 32;
/** Lines of one payload. */
const MOST_LINES = 4096;
const NUMBER =
  /^[-+]?(?:0x[0-9a-f]{1,16}|(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:e[-+]?\d{1,3})?)$/i;
const INTEGER = /^[-+]?(?:0x[0-9a-f]+|\d+)$/i;
/** A name has a letter, which tells it from a time of day, and what else people write in names. */
const NAME = /^(?=.{0,63}[\p{L}_])[\p{L}\p{N}_][\p{L}\p{N}\p{M} _.\-/%()[\]#°²]{0,63}$/u;
/** A number with what people write behind it: `21.5 °C`, `3.3V`, `40%`. */
const MEASURED =
  /^([-+]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][-+]?\d{1,3})?)\s{0,4}((?:[\p{L}µ°%Ω][^\s:=]{0,15})?)$/u;
/** `a:1|b:2`, which Teleplot would not send. */
const SEVERAL_PAIRS = /^[^>§|][^|§]*\|(?!clr:)[^|:=]{1,64}[:=]/;
/** What Teleplot has behind a bar that is no unit: how it draws the line. */
const TELEPLOT_FLAGS = /^(?:np|noplot|t|xy|3d|g|clr)$/i;

/**
 * The numbers of a payload that is text, a line each or several: `name:value` and `name=value`, with a unit or without, one
 * or several behind commas, semicolons or white space (Arduino's serial plotter); columns of CSV below a line of names, or
 * without one; and Teleplot's `>name:time:value|unit` and `name:time:value;time:value|flags` (nesnes/teleplot, README).
 * A line that says none of these has none. Costs as much as the text is long.
 */
export function textNumbers(payload: Uint8Array, sink: NumberSink): void {
  if (payload.length === 0 || payload.length > MOST_BYTES || !isText(payload)) return;
  const text = new TextDecoder().decode(payload);
  const lines = text.split(/\r?\n|\r|\0/, MOST_LINES);
  const reader = new LineReader();
  for (const line of lines) reader.read(line.trim());
  reader.tell(sink);
}

function isText(payload: Uint8Array): boolean {
  for (const byte of payload) {
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0) return false;
  }
  return true;
}

class LineReader {
  readonly #found = new Map<string, SampleNumber[]>();
  #header: readonly string[] = [];
  #hasRows = false;

  read(line: string): void {
    if (line === "") return;
    const isPlot = line.startsWith(">") || line.includes("|") || line.includes("§");
    if (isPlot && !SEVERAL_PAIRS.test(line)) this.#teleplot(line);
    else if (!this.#columns(line) && !this.#pairs(line)) this.#teleplot(line);
  }

  tell(sink: NumberSink): void {
    for (const [name, numbers] of this.#found) {
      const [only] = numbers;
      if (numbers.length === 1 && only) sink.number(nameText(name), only);
      else sink.samples(nameText(name), numbers);
    }
    if (this.#header.length > 1 && !this.#hasRows) sink.header(this.#header.map(nameText));
  }

  #add(name: string, number: SampleNumber): void {
    const numbers = this.#found.get(name);
    if (numbers) numbers.push(number);
    else this.#found.set(name, [number]);
  }

  /** Nothing but numbers between separators, or nothing but names above them. */
  #columns(line: string): boolean {
    const cells = cellsOf(line);
    // Words with spaces between them are a sentence.
    const isTable = /[,;\t]/.test(line) && cells.length <= MOST_COLUMNS;
    if (isTable && cells.length > 1 && cells.every(isHeading)) {
      this.#header = cells;
      return true;
    }
    const numbers = cells.map(numberIn);
    if (!numbers.some((number) => number !== undefined)) return false;
    if (numbers.some((number, at) => number === undefined && cells[at] !== "")) return false;
    this.#hasRows = true;
    const isNamed = this.#header.length === cells.length;
    for (const [index, number] of numbers.entries()) {
      if (!number) continue;
      if (cells.length > MOST_COLUMNS) this.#add("values", number);
      else if (isNamed) this.#add(this.#header[index] ?? "", number);
      else this.#add(cells.length === 1 ? "value" : columnName(index), number);
    }
    return true;
  }

  /** `name:value` or `name=value`, some of them. */
  #pairs(line: string): boolean {
    let isPairs = false;
    for (const part of line.split(/[,;&|\t]/)) {
      const whole = pairIn(part.trim());
      const pairs = whole ? [whole] : part.trim().split(/ +/).map(pairIn);
      for (const pair of pairs) {
        if (!pair) continue;
        isPairs = true;
        this.#add(pair.name, pair.number);
      }
    }
    return isPairs;
  }

  /** `>name:value§unit|flags`, `name:time:value`, and several times and values behind semicolons. */
  #teleplot(line: string): void {
    const [told = "", ...flags] = (line.startsWith(">") ? line.slice(1) : line).split("|");
    const [body = "", unit = flags.find((flag) => !isFlag(flag))] = told.split("§");
    const colon = body.indexOf(":");
    const name = body.slice(0, Math.max(0, colon)).trim();
    if (!NAME.test(name) || flags.some((flag) => /^(?:t|xy|3d)$/i.test(flag.trim()))) return;
    for (const sample of body.slice(colon + 1).split(";")) {
      if (sample === "") continue;
      const parts = sample.split(":");
      const value = numberIn(parts.at(-1)?.trim() ?? "");
      const time = parts.length === 2 ? numberIn(parts[0]?.trim() ?? "") : undefined;
      if (!value || parts.length > 2 || (parts.length === 2 && !time)) return;
      if (time) this.#add(`${name}.time`, { ...time, unit: "ms" });
      const of = unit?.trim();
      this.#add(name, of ? { ...value, unit: of.slice(0, 16) } : value);
    }
  }
}

/** What a column is called that has no name: counted from 1. */
export function columnName(index: number): string {
  return `column ${index + 1}`;
}

/** The place of an unnamed column, from 0. */
export function columnIndex(name: string): number | undefined {
  const [, digits] = /^column (\d{1,2})$/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits) - 1;
}

function cellsOf(line: string): string[] {
  const separator = line.includes(",")
    ? ","
    : line.includes(";")
      ? ";"
      : line.includes("\t")
        ? "\t"
        : undefined;
  const cells = separator === undefined ? line.split(/ +/) : line.split(separator);
  // Some end each line with a separator.
  if (cells.length > 1 && cells.at(-1)?.trim() === "") cells.pop();
  return cells.map((cell) => cell.trim().replace(/^"([^"]*)"$/, "$1"));
}

function isHeading(cell: string): boolean {
  return NAME.test(cell) && numberIn(cell) === undefined;
}

function isFlag(flag: string): boolean {
  return TELEPLOT_FLAGS.test(flag.trim()) || flag.trim() === "" || flag.includes(":");
}

function pairIn(
  text: string,
): { readonly name: string; readonly number: SampleNumber } | undefined {
  const at = text.search(/[:=]/);
  if (at < 1) return undefined;
  const name = text.slice(0, at).trim();
  if (!NAME.test(name)) return undefined;
  const value = text.slice(at + 1).trim();
  const plain = numberIn(value);
  if (plain) return { name, number: plain };
  const [, digits, unit] = MEASURED.exec(value) ?? [];
  if (digits === undefined) return undefined;
  return { name, number: sampleNumber(Number(digits), INTEGER.test(digits), unit) };
}

function numberIn(text: string): SampleNumber | undefined {
  if (text.length > 90) return undefined;
  if (NUMBER.test(text)) {
    const sign = text.startsWith("-") ? -1 : 1;
    return sampleNumber(sign * Number(text.replace(/^[-+]/, "")), INTEGER.test(text));
  }
  switch (text.toLowerCase()) {
    case "true":
      return sampleBoolean(true);
    case "false":
      return sampleBoolean(false);
    case "nan":
      return { value: Number.NaN, state: SampleState.nan, kind: "number" };
    case "inf":
    case "+inf":
    case "infinity":
      return sampleNumber(Number.POSITIVE_INFINITY, false);
    case "-inf":
    case "-infinity":
      return sampleNumber(Number.NEGATIVE_INFINITY, false);
    default:
      return undefined;
  }
}
