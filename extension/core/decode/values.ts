import type { Decoded } from "./decoded.ts";
import { notation, topFields, type ValueNode } from "./value_tree.ts";

/** What MessagePack and CBOR have in common: values one behind the other, and numbers in the same formats. */
export function decodedValues(protocol: string, values: readonly ValueNode[]): Decoded {
  const [first] = values;
  if (values.length === 1 && first) {
    return { protocol, summary: notation(first), fields: topFields(first) };
  }
  const list = { text: "", from: 0, to: 0, brackets: "[]" } as const;
  const entries = values.map((value, index) => ({ name: `[${index}]`, from: value.from, value }));
  const summary = notation({ ...list, entries });
  return { protocol, summary: summary.slice(1, -1), fields: topFields({ ...list, entries }) };
}

/** A number of 1 to 8 bytes, unsigned. */
export function bigNumber(view: DataView, size: number): bigint {
  let value = 0n;
  for (let at = 0; at < size; at++) value = (value << 8n) | BigInt(view.getUint8(at));
  return value;
}

/** A floating point number, always told apart from an integer: `1.0`. */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}

/** One of 4 bytes, with no more digits than tell it from its neighbours: 0.1, not 0.10000000149. */
export function singleText(value: number): string {
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Object.is(Math.fround(short), value)) return floatText(short);
  }
  return floatText(value);
}
