import { fieldCondition } from "../../core/decode/field_condition.ts";
import type { Grouping, GroupName, Membership } from "../../core/statistics/grouping.ts";

/** By what a field says: datagrams without it are a group without a name. What was not read yet is in none. */
export class ByField implements Grouping {
  readonly isBetweenEnds = false;
  readonly isOfFlow = false;
  readonly #field: string;
  readonly #textOf: (id: number) => string | undefined;

  /** @param textOf what it says in a datagram: "" where there is none, undefined where that is not known yet */
  constructor(field: string, textOf: (id: number) => string | undefined) {
    this.#field = field;
    this.#textOf = textOf;
  }

  update(): boolean {
    return false;
  }

  groupsOf(id: number): readonly Membership[] {
    const key = this.#textOf(id);
    return key === undefined ? [] : [{ key, isBack: false }];
  }

  nameOf(key: string): GroupName {
    const filter = key === "" ? `!(${this.#field})` : fieldCondition(this.#field, key);
    return { name: key, filter };
  }
}
