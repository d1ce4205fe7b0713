/** A text to mark wherever it is found. */
export interface Mark {
  readonly text: string;
  readonly ignoreCase: boolean;
}

export interface MarkedPart {
  readonly text: string;
  readonly isMarked: boolean;
}

/** Finds texts in texts; one that is not marked costs nothing. */
export class Marks {
  static readonly none = new Marks([]);
  readonly #patterns: readonly RegExp[];

  constructor(marks: readonly Mark[]) {
    this.#patterns = marks
      .filter(({ text }) => text !== "")
      .map(({ text, ignoreCase }) => new RegExp(escaped(text), ignoreCase ? "giu" : "gu"));
  }

  /** The text in parts, from left to right; marks that touch or overlap are one part. */
  partsOf(text: string): MarkedPart[] {
    const found = this.#patterns
      .flatMap((pattern) => [...text.matchAll(pattern)])
      .map((match) => ({ start: match.index, end: match.index + match[0].length }))
      .sort((a, b) => a.start - b.start);
    const parts: MarkedPart[] = [];
    let at = 0;
    for (const { start, end } of found) {
      if (end <= at) continue;
      const last = parts.at(-1);
      if (start <= at && last?.isMarked) {
        parts[parts.length - 1] = { text: last.text + text.slice(at, end), isMarked: true };
      } else {
        if (start > at) parts.push({ text: text.slice(at, start), isMarked: false });
        parts.push({ text: text.slice(start, end), isMarked: true });
      }
      at = end;
    }
    if (at < text.length) parts.push({ text: text.slice(at), isMarked: false });
    return parts;
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
