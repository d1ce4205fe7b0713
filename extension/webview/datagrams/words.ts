import type { WebviewStrings } from "./protocol.ts";

/** The page's words with their numbers filled in, in the user's language. */
export class Words {
  readonly strings: WebviewStrings;
  readonly #numbers: Intl.NumberFormat;

  constructor(strings: WebviewStrings, language: string) {
    this.strings = strings;
    this.#numbers = new Intl.NumberFormat(language);
  }

  bytes(count: number): string {
    return count === 1 ? this.strings.oneByte : this.fill(this.strings.bytes, count);
  }

  datagrams(count: number): string {
    return count === 1 ? this.strings.oneDatagram : this.fill(this.strings.summary, count);
  }

  /** `1,204` */
  number(count: number): string {
    return this.#numbers.format(count);
  }

  /** Puts numbers and texts in the place of `{0}`, `{1}` and so on. */
  fill(template: string, ...values: readonly (number | string)[]): string {
    return template.replace(/\{(\d+)\}/g, (placeholder, index) => {
      const value = values[Number(index)] ?? placeholder;
      return typeof value === "number" ? this.number(value) : value;
    });
  }
}
