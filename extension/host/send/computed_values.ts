import { randomBytes } from "node:crypto";
import type { Template, Values } from "../../core/payload/template.ts";

/** What computed bytes of payloads are made of in this window. */
export class ComputedValues {
  /** Of the next payload that has a number. */
  #sequence = 1n;

  /** The bytes of a payload that is sent now. */
  take(template: Template): Uint8Array {
    return this.draft().take(template);
  }

  /** The same for one that is still written; `random` has the same bytes each time, and those that are then sent. */
  draft(): Draft {
    return new Draft(this, () => this.#now);
  }

  get #now(): Pick<Values, "sequence" | "now"> {
    return { sequence: this.#sequence, now: BigInt(Date.now()) * 1000n };
  }

  /** A number was used. */
  countUp(): void {
    this.#sequence++;
  }
}

/** The bytes of a payload while somebody writes it. */
export class Draft {
  readonly #values: ComputedValues;
  readonly #now: () => Pick<Values, "sequence" | "now">;
  #random: Uint8Array = randomBytes(64);

  constructor(values: ComputedValues, now: () => Pick<Values, "sequence" | "now">) {
    this.#values = values;
    this.#now = now;
  }

  /** As they would be sent now. */
  show(template: Template): Uint8Array {
    let used = 0;
    const random = (count: number): Uint8Array => {
      used += count;
      if (used > this.#random.length) {
        this.#random = Buffer.concat([this.#random, randomBytes(used - this.#random.length)]);
      }
      return this.#random.subarray(used - count, used);
    };
    return template.fill({ ...this.#now(), random });
  }

  /** They are sent. */
  take(template: Template): Uint8Array {
    const bytes = this.show(template);
    if (template.hasSequence) this.#values.countUp();
    return bytes;
  }
}
