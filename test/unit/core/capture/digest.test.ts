import assert from "node:assert/strict";
import fc from "fast-check";
import { payloadDigest } from "../../../../extension/core/capture/digest.ts";
import {
  type HashKey,
  hashBytes,
  hashWords,
  wordAt,
} from "../../../../extension/core/capture/hash.ts";

const KEY: HashKey = [0x03020100, 0x07060504];

const digest = (bytes: Uint8Array, length = bytes.length, key = KEY) =>
  payloadDigest(bytes, 0, bytes.length, length, key);

describe("payloadDigest()", () => {
  it("is the same for the same payload, wherever it lies", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000, size: "max" }),
        fc.uint8Array(),
        (payload, before) => {
          const moved = Uint8Array.of(...before, ...payload, 1, 2, 3);
          assert.equal(
            payloadDigest(moved, before.length, payload.length, payload.length, KEY),
            digest(payload),
          );
          const part = moved.subarray(before.length);
          assert.equal(
            payloadDigest(part, 0, payload.length, payload.length, KEY),
            digest(payload),
          );
        },
      ),
    );
  });

  it("differs for payloads that differ in one byte, wherever that stands", () => {
    const payload = new Uint8Array(1473);
    const seen = new Set([digest(payload)]);
    for (let at = 0; at < payload.length; at++) {
      const other = payload.slice();
      other[at] = 1;
      seen.add(digest(other));
    }
    assert.equal(seen.size, 1474);
  });

  it("differs for payloads of different lengths on the wire, although the same was captured", () => {
    assert.notEqual(digest(new Uint8Array(8), 8), digest(new Uint8Array(8), 9));
    assert.notEqual(digest(new Uint8Array(0)), digest(new Uint8Array(1)));
  });

  it("tells nearly all of many payloads apart", () => {
    const payload = new Uint8Array(20);
    const view = new DataView(payload.buffer);
    const seen = new Set<number>();
    for (let number = 0; number < 300_000; number++) {
      view.setUint32(8, number);
      seen.add(digest(payload));
    }
    // 10 pairs by chance.
    assert.ok(300_000 - seen.size < 40, `${300_000 - seen.size} are alike`);
  });
});

/** HalfSipHash-1-3 as its authors write it, word by word. */
function reference(bytes: Uint8Array, tweak: number, [k0, k1]: HashKey): number {
  const left = (value: number, by: number) => (value << by) | (value >>> (32 - by));
  const v = [k0, k1, 0x6c796765 ^ k0, 0x74656462 ^ k1] as [number, number, number, number];
  const round = () => {
    v[0] = (v[0] + v[1]) | 0;
    v[1] = left(v[1], 5) ^ v[0];
    v[0] = left(v[0], 16);
    v[2] = (v[2] + v[3]) | 0;
    v[3] = left(v[3], 8) ^ v[2];
    v[0] = (v[0] + v[3]) | 0;
    v[3] = left(v[3], 7) ^ v[0];
    v[2] = (v[2] + v[1]) | 0;
    v[1] = left(v[1], 13) ^ v[2];
    v[2] = left(v[2], 16);
  };
  const words = [tweak];
  const whole = bytes.length - (bytes.length % 4);
  for (let at = 0; at < whole; at += 4) words.push(wordAt(bytes, at));
  words.push((bytes.length << 24) | wordAt(bytes.subarray(whole), 0));
  for (const word of words) {
    v[3] ^= word;
    round();
    v[0] ^= word;
  }
  v[2] ^= 0xff;
  for (let count = 0; count < 3; count++) round();
  return (v[1] ^ v[3]) >>> 0;
}

describe("hashBytes()", () => {
  it("is HalfSipHash-1-3 with the tweak as its first word", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.integer(),
        fc.tuple(fc.integer(), fc.integer()),
        (bytes, tweak, key) =>
          assert.equal(hashBytes(bytes, 0, bytes.length, tweak, key), reference(bytes, tweak, key)),
      ),
    );
  });

  it("cannot be made to collide by who does not know the key", () => {
    // Two differences that cancel each other in MurmurHash3 whatever its seed is (Aumasson and Bernstein, 2012).
    const unmixed = (k: number) => {
      const [c1, c2] = [0xdee13bb1, 0x56ed309b];
      const turned = Math.imul(k, c2);
      return Math.imul((turned >>> 15) | (turned << 17), c1);
    };
    const differ = (first: number, second: number) => {
      const words = Int32Array.of(unmixed(first), unmixed(second), 3);
      return digest(new Uint8Array(words.buffer));
    };
    assert.notEqual(differ(0, 0), differ(1 << 18, 1 << 31));
    assert.notEqual(digest(Uint8Array.of(1)), digest(Uint8Array.of(1), 1, [1, 2]));
    assert.notEqual(digest(Uint8Array.of(1)), digest(Uint8Array.of(1), 1, [KEY[0], 2]));
  });

  it("has a key of its own in each process", () => {
    assert.notEqual(
      payloadDigest(new Uint8Array(4), 0, 4, 4),
      payloadDigest(new Uint8Array(4), 0, 4, 4, [0, 0]),
    );
  });
});

describe("hashWords()", () => {
  it("is the hash of the words from the first to before the last", () => {
    const words = Int32Array.of(1, -2, 3, 4);
    const bytes = new Uint8Array(words.buffer);
    assert.equal(hashWords(words, 1, 3, KEY), hashBytes(bytes, 4, 12, 0, KEY));
  });
});

describe("wordAt()", () => {
  it("is little-endian, with zeros behind the end", () => {
    assert.equal(wordAt(Uint8Array.of(9, 1, 2, 3, 0x84), 1), 0x84030201 | 0);
    assert.equal(wordAt(Uint8Array.of(9, 1), 1), 1);
  });
});
