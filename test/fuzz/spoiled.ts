import fc from "fast-check";

/** Numbers that lengths and counts go wrong at. */
const ODD_NUMBERS = [
  0, 1, 2, 3, 4, 7, 8, 16, 27, 28, 31, 32, 63, 64, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff,
  0x10000, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff,
];

/** One thing that goes wrong with bytes; `at` and `other` are taken modulo their length. */
type Fault =
  | { readonly kind: "flip"; readonly at: number; readonly bit: number }
  | { readonly kind: "number"; readonly at: number; readonly size: number; readonly value: number }
  | { readonly kind: "cut" | "remove" | "repeat"; readonly at: number; readonly other: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array };

const place = fc.nat({ max: 0xffff });

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: place, bit: fc.nat({ max: 7 }) }),
  fc.record({
    kind: fc.constant("number" as const),
    at: place,
    // Negative: little-endian.
    size: fc.constantFrom(1, 2, -2, 4, -4),
    value: fc.constantFrom(...ODD_NUMBERS),
  }),
  fc.record({
    kind: fc.constantFrom("cut" as const, "remove" as const, "repeat" as const),
    at: place,
    other: place,
  }),
  fc.record({
    kind: fc.constant("insert" as const),
    at: place,
    bytes: fc.uint8Array({ maxLength: 12 }),
  }),
);

/** Bytes of one of the seeds with up to eight faults in them; sometimes bytes of no sense at all. */
export function spoiled(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const seed = fc.constantFrom(...seeds);
  const faults = fc.array(fault, { maxLength: 8 });
  return fc.oneof(
    {
      weight: 9,
      arbitrary: fc.tuple(seed, faults).map(([bytes, all]) => all.reduce(withFault, bytes)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
}

function withFault(bytes: Uint8Array, fault: Fault): Uint8Array {
  const at = fault.at % (bytes.length + 1);
  switch (fault.kind) {
    case "flip":
      return patched(bytes, at, [(bytes[at] ?? 0) ^ (1 << fault.bit)]);
    case "number": {
      const big = Array.from({ length: Math.abs(fault.size) }, (_, index) => {
        return (fault.value / 256 ** (Math.abs(fault.size) - 1 - index)) & 255;
      });
      return patched(bytes, at, fault.size < 0 ? big.reverse() : big);
    }
    case "cut":
      return bytes.subarray(0, at);
    case "remove":
      return joined(bytes.subarray(0, at), bytes.subarray(at + (fault.other % 64)));
    case "repeat":
      return joined(bytes.subarray(0, at), bytes.subarray(Math.max(0, at - (fault.other % 256))));
    case "insert":
      return joined(bytes.subarray(0, at), fault.bytes, bytes.subarray(at));
  }
}

function patched(bytes: Uint8Array, at: number, values: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values.slice(0, Math.max(0, copy.length - at)), at);
  return copy;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
