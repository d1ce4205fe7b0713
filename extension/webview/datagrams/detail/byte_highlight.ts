/** Marks parts of the page without touching its elements: `::highlight(bytes)` and others in payload.css. */
const registries = { changed: new Highlight(), bytes: new Highlight() };
for (const [priority, [name, registry]] of Object.entries(registries).entries()) {
  registry.priority = priority;
  CSS.highlights.set(name, registry);
}

/** `changed`: by a rule; `bytes`: selected, which is drawn over the other. */
type HighlightName = keyof typeof registries;

/** What one view marks in one way. */
export class ByteHighlight {
  readonly #registry: Highlight;
  #ranges: readonly Range[] = [];

  constructor(name: HighlightName) {
    this.#registry = registries[name];
  }

  /** Marks these ranges and no others. */
  show(ranges: readonly (Range | undefined)[]): void {
    for (const range of this.#ranges) this.#registry.delete(range);
    this.#ranges = ranges.filter((range) => range !== undefined);
    for (const range of this.#ranges) this.#registry.add(range);
  }
}
