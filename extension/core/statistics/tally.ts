import { type CountedDatagram, GroupTally } from "./group_tally.ts";

/** The group of all that have none of their own. */
export const OTHERS = -1;

/** What has been counted of all groups. */
export class Tally {
  datagrams = 0;
  bytes = 0;
  lost = 0;
  duplicates = 0;
  #others: GroupTally | undefined;
  #groups: GroupTally[] = [];
  /** Those that belong to this tally alone; the others are those of a {@link fork} as well. */
  #own = new Set<GroupTally>();

  /** Groups by their numbers. */
  get groups(): readonly GroupTally[] {
    return this.#groups;
  }

  get others(): GroupTally | undefined {
    return this.#others;
  }

  addToTotal({ bytes, isLost, isDuplicate }: CountedDatagram): void {
    this.datagrams++;
    this.bytes += bytes;
    if (isLost) this.lost++;
    if (isDuplicate) this.duplicates++;
  }

  /** The group of a number, or of {@link OTHERS}, for something to be added: numbers are given without gaps. */
  group(number: number): GroupTally {
    const known = number === OTHERS ? this.#others : this.#groups[number];
    if (known && this.#own.has(known)) return known;
    const own = known?.clone() ?? new GroupTally();
    this.#own.add(own);
    if (number === OTHERS) this.#others = own;
    else this.#groups[number] = own;
    return own;
  }

  /** The same, which goes on by itself; what neither goes on with is there once. */
  fork(): Tally {
    const copy = new Tally();
    copy.datagrams = this.datagrams;
    copy.bytes = this.bytes;
    copy.lost = this.lost;
    copy.duplicates = this.duplicates;
    copy.#others = this.#others;
    copy.#groups = this.#groups.slice();
    this.#own.clear();
    return copy;
  }
}
