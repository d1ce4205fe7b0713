/** What a field's text says beside itself: a filter can compare with each. */
export interface DecodedValue {
  /** As it is shown, without the quotes of a text. */
  readonly text: string;
  /** `A` of `A (1)`: the name of a number. */
  readonly name: string | undefined;
  /** 1 of `A (1)`, 300 of `300 s`, 4.04 of `4.04 Not Found`, 31 of `0x1f`; of a quoted text none. */
  readonly number: number | undefined;
}

const NAMED = /^(.*) \((-?\d+|0x[0-9a-f]+)\)$/s;
/** A unit, or words, may stand behind it; what goes on otherwise, such as an address or hexadecimal digits, is none. */
const NUMBER =
  /^([-+]?(?:0x[0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?))(?= ?[µ°%]| [A-Za-z]|$)/;

/** Reads the text of a field, of whichever decoder. */
export function decodedValue(text: string): DecodedValue {
  if (/^".*"$/s.test(text)) return { text: text.slice(1, -1), name: undefined, number: undefined };
  const [, name, digits] = NAMED.exec(text) ?? [];
  return { text, name, number: numberOf(digits ?? NUMBER.exec(text)?.[1]) };
}

function numberOf(digits: string | undefined): number | undefined {
  if (digits === undefined) return undefined;
  const sign = digits.startsWith("-") ? -1 : 1;
  return sign * Number(digits.replace(/^[-+]/, ""));
}
