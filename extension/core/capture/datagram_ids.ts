/**
 * Which datagram is at which place of the columns. Ids are given in their order, never twice, and stay when others are
 * given up; places are moved together then.
 */
export class DatagramIds {
  /**
   * The ids at the first places, which stayed when most of those behind them were given up: a program that says little
   * keeps its file, while what others said fills the folder again and again.
   */
  #early = new Float64Array(0);
  /** Between the id and the place of all others. */
  #base = 0;

  /** So many of the first places have ids that need not be one behind the other. */
  get early(): number {
    return this.#early.length;
  }

  /** The id at a place, also of the next datagram behind the last one. */
  at(place: number): number {
    return place < this.#early.length ? (this.#early[place] ?? 0) : this.#base + place;
  }

  /** The place of an id, also of one that was not given yet; -1 where it was given up, or lies before all. */
  placeOf(id: number): number {
    const place = id - this.#base;
    if (place >= this.#early.length) return place;
    const early = this.firstFrom(id);
    return this.#early[early] === id ? early : -1;
  }

  /** The place of the first id from `id` on. */
  firstFrom(id: number): number {
    let low = 0;
    let high = this.#early.length;
    if (id - this.#base >= high) return id - this.#base;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#early[middle] ?? 0) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Of what is before the place `dense`, only these places are left, ascending; all from there on follow them. */
  keep(places: readonly number[], dense: number): void {
    this.#early = Float64Array.from(places, (place) => this.at(place));
    this.#base += dense - places.length;
  }

  /** None of the first `length` places has an id any more. */
  clear(length: number): void {
    this.#early = new Float64Array(0);
    this.#base += length;
  }
}
