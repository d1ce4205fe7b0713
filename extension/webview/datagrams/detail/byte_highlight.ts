/** Marks parts of the page without touching its elements: `::highlight(bytes)` in payload.css. */
const registry = new Highlight();
CSS.highlights.set("bytes", registry);

/** What one view marks. */
export class ByteHighlight {
  #ranges: readonly Range[] = [];

  /** Marks these ranges and no others. */
  show(ranges: readonly (Range | undefined)[]): void {
    for (const range of this.#ranges) registry.delete(range);
    this.#ranges = ranges.filter((range) => range !== undefined);
    for (const range of this.#ranges) registry.add(range);
  }
}
