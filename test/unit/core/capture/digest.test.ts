import assert from "node:assert/strict";
import fc from "fast-check";
import { payloadDigest } from "../../../../extension/core/capture/digest.ts";
import { finish, mix, wordAt } from "../../../../extension/core/capture/hash.ts";

const digest = (bytes: Uint8Array, length = bytes.length) =>
  payloadDigest(bytes, 0, bytes.length, length);

describe("payloadDigest()", () => {
  it("is the same for the same payload, wherever it lies", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000, size: "max" }),
        fc.uint8Array(),
        (payload, before) => {
          const moved = Uint8Array.of(...before, ...payload, 1, 2, 3);
          assert.equal(
            payloadDigest(moved, before.length, payload.length, payload.length),
            digest(payload),
          );
        },
      ),
    );
  });

  it("differs for payloads that differ in one byte of the first 256, or in the last", () => {
    const payload = new Uint8Array(65_507);
    const seen = new Set([digest(payload)]);
    for (let at = 0; at < 256; at++) {
      const other = payload.slice();
      other[at] = 1;
      seen.add(digest(other));
    }
    payload[payload.length - 1] = 1;
    seen.add(digest(payload));
    assert.equal(seen.size, 258);
  });

  it("differs for payloads of different lengths on the wire, although the same was captured", () => {
    assert.notEqual(digest(new Uint8Array(8), 8), digest(new Uint8Array(8), 9));
    assert.notEqual(digest(new Uint8Array(0)), digest(new Uint8Array(1)));
  });

  it("reads no more of the largest payload than of one of 320 bytes, and of that all", () => {
    for (const [length, read] of [
      [319, 319],
      [320, 320],
      [321, 256 + 33],
      [65_507, 320],
    ] as const) {
      const places = new Set<PropertyKey>();
      const payload = new Proxy(new Uint8Array(length), {
        get(target, place) {
          places.add(place);
          return Reflect.get(target, place);
        },
      });
      payloadDigest(payload, 0, length, length);
      assert.equal(places.size, read, `of ${length}`);
    }
  });

  it("hardly ever falls together for counters", () => {
    const seen = new Set<number>();
    for (let n = 0; n < 100_000; n++) seen.add(digest(new TextEncoder().encode(`seq=${n}`)));
    assert.ok(seen.size > 99_990, String(seen.size));
  });
});

describe("the hash", () => {
  const hash = (text: string, seed: number) => {
    const bytes = new TextEncoder().encode(text);
    let value = seed;
    for (let at = 0; at < bytes.length; at += 4) value = mix(value, wordAt(bytes, at));
    return finish(value ^ bytes.length);
  };

  // Of whole words, as our keys are; https://github.com/aappleby/smhasher has the reference implementation.
  for (const [text, seed, expected] of [
    ["", 0, 0],
    ["", 1, 0x514e28b7],
    ["", 0xffffffff, 0x81f16f39],
    ["test", 0, 0xba6bd213],
    ["aaaa", 0x9747b28c, 0x5a97808a],
    ["abcd", 0x9747b28c, 0xf0478627],
  ] as const) {
    it(`of ${JSON.stringify(text)} is MurmurHash3's, from ${seed} on`, () =>
      assert.equal(hash(text, seed), expected));
  }

  it("takes four bytes, the first as the lowest, and 0 for what is not there", () => {
    assert.equal(wordAt(Uint8Array.of(9, 1, 2, 3, 4, 9), 1), 0x04030201);
    assert.equal(wordAt(Uint8Array.of(1, 2), 0), 0x0201);
    assert.equal(wordAt(Uint8Array.of(1), 1), 0);
  });
});
