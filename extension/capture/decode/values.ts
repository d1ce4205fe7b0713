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

/** A floating point number with the digits that its size (2, 4 or 8 bytes) stands for: 0.1, not 0.10000000149. */
export function floatText(value: number, size: number): string {
  if (Object.is(value, -0)) return "-0.0";
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return `${value}.0`;
  if (size === 4 && Number.isFinite(value)) {
    for (let digits = 1; digits <= 9; digits++) {
      const short = Number(value.toPrecision(digits));
      if (Math.fround(short) === value) return String(short);
    }
  }
  return String(value);
}
