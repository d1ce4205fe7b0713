import assert from "node:assert/strict";
import fc from "fast-check";
import {
  HEAD_BYTES,
  PayloadDigests,
  sampleDigest,
} from "../../../../extension/core/capture/digest.ts";
import {
  type HashKey,
  hashBytes,
  hashKey,
  hashWords,
  SECRET,
  wordAt,
} from "../../../../extension/core/capture/hash.ts";

const HASH = new URL("../../../../extension/core/capture/hash.ts", import.meta.url).href;

let state = 1;
/** The same in each run (mulberry32). */
const KEY = hashKey((words) => {
  for (let at = 0; at < words.length; at++) {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    words[at] = value ^ (value >>> 14);
  }
});

const digests = new PayloadDigests();

function headDigest(bytes: Uint8Array, start: number, captured: number, length: number): number {
  digests.take(bytes, start, captured, length);
  return digests.head;
}

function payloadDigest(
  bytes: Uint8Array,
  start: number,
  captured: number,
  length: number,
  key?: HashKey,
): number {
  digests.take(bytes, start, captured, length, key);
  return digests.whole;
}

const digest = (bytes: Uint8Array, length = bytes.length, key = KEY) =>
  payloadDigest(bytes, 0, bytes.length, length, key);

const fullOf255 = fc.nat({ max: 400 }).map((length) => new Uint8Array(length).fill(0xff));

describe("sampleDigest()", () => {
  it("is the same wherever the payload lies, and another one where a counter at its start, middle or end is", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.uint8Array({ maxLength: 9 }),
        (payload, before) => {
          const moved = Uint8Array.of(...before, ...payload, 7);
          const own = sampleDigest(payload, 0, payload.length);
          assert.equal(sampleDigest(moved, before.length, payload.length), own);
          for (const at of [0, payload.length >> 1, payload.length - 1]) {
            if (payload.length === 0) continue;
            const other = payload.with(at, (payload[at] ?? 0) ^ 1);
            assert.notEqual(sampleDigest(other, 0, other.length), own, `byte ${at}`);
          }
        },
      ),
    );
  });
});

describe("PayloadDigests.head", () => {
  it("is of the first bytes and the length alone, and of no less than those", () => {
    const lengths = { minLength: HEAD_BYTES, maxLength: 40 };
    fc.assert(
      fc.property(
        fc.uint8Array(lengths),
        fc.uint8Array(),
        fc.nat(2000),
        (payload, before, more) => {
          const head = payload.slice(0, HEAD_BYTES);
          const length = payload.length + more;
          const own = headDigest(payload, 0, payload.length, length);
          assert.ok(own >= 1 && own <= 0xffff);
          const moved = Uint8Array.from([...before, ...head]);
          assert.equal(headDigest(moved, before.length, HEAD_BYTES, length), own);
          assert.equal(headDigest(payload, 0, HEAD_BYTES - 1, length), 0);
        },
      ),
    );
  });

  it("tells starts apart, and lengths, as well as chance lets 16 bits", () => {
    const bytes = new Uint8Array(HEAD_BYTES);
    const own = headDigest(bytes, 0, HEAD_BYTES, 100);
    let equal = headDigest(bytes, 0, HEAD_BYTES, 101) === own ? 1 : 0;
    for (let at = 0; at < HEAD_BYTES; at++) {
      if (headDigest(bytes.with(at, 1), 0, HEAD_BYTES, 100) === own) equal++;
    }
    assert.ok(equal <= 1, `${equal} of 17 changes make no difference`);
    const digests = new Set<number>();
    for (let count = 0; count < 512; count++) {
      digests.add(headDigest(crypto.getRandomValues(bytes), 0, HEAD_BYTES, 100));
    }
    // Two are expected to be alike.
    assert.ok(digests.size > 490, `${digests.size} of 512`);
  });
});

describe("PayloadDigests.whole", () => {
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

/** The same with whole numbers of any length, as the paper writes it. */
function reference(bytes: Uint8Array, tweak: number, key: HashKey): number {
  const parts = [tweak & 0xffff, tweak >>> 16];
  for (let at = 0; at < bytes.length; at += 2) {
    parts.push((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8));
  }
  const sum = parts.reduce((all, part, at) => all + BigInt(key[at] ?? 0) * BigInt(part), 0n);
  return murmurEnd(Number(sum % 0xffff_fffbn));
}

/** fmix32 of MurmurHash3. */
function murmurEnd(number: number): number {
  const times = (value: number, factor: bigint) =>
    Number(BigInt.asUintN(32, BigInt(value) * factor));
  const turned = (value: number, by: number) => (value ^ (value >>> by)) >>> 0;
  return turned(times(turned(times(turned(number, 16), 0x85ebca6bn), 13), 0xc2b2ae35n), 16);
}

describe("hashBytes()", () => {
  it("is the sum of all 16 bits with the tweak before them, each times its number of the key, modulo the prime, mixed", () => {
    const largest = new Float64Array(KEY.length).fill(0xffff_fffa);
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 400, size: "max" }), fullOf255),
        fc.nat({ max: 0xffff_ffff }),
        fc.constantFrom(KEY, largest),
        (bytes, tweak, key) =>
          assert.equal(hashBytes(bytes, 0, bytes.length, tweak, key), reference(bytes, tweak, key)),
      ),
    );
  });

  it("takes every byte of a jumbogram in, although the key is shorter", () => {
    const payload = new Uint8Array(200_000);
    const seen = new Set([digest(payload)]);
    for (let at = 0; at < payload.length; at += 997) {
      payload[at] = 1;
      seen.add(digest(payload));
    }
    assert.equal(seen.size, Math.ceil(200_000 / 997) + 1);
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
  });

  it("is another with another number of the key for anything that is hashed", () => {
    const payload = Uint8Array.of(1, 2, 3);
    for (let at = 0; at < 4; at++) {
      const other = KEY.slice();
      other[at] = (KEY[at] ?? 0) + 1;
      assert.notEqual(digest(payload, 0x10003), digest(payload, 0x10003, other));
    }
  });

  it("has a key of its own in each process", async () => {
    // Loaded anew, as another process loads it.
    const { SECRET: other } = await import(`${HASH}?anew`);
    const taken = (key?: HashKey) => payloadDigest(new Uint8Array(4), 0, 4, 4, key);
    assert.equal(taken(), taken(SECRET));
    assert.notEqual(taken(), taken(other));
    assert.ok(new Set([...SECRET, ...other]).size > SECRET.length * 1.99, "hardly two are alike");
  });
});

describe("hashWords()", () => {
  it("is the hash of the words from the first to before the last", () => {
    const words = Int32Array.of(1, -2, 3, 4);
    const bytes = new Uint8Array(words.buffer);
    // Without a tweak, the key starts with the words.
    const later = KEY.slice();
    later.set(KEY.subarray(0, -2), 2);
    assert.equal(hashWords(words, 1, 3, KEY), hashBytes(bytes, 4, 12, 0, later));
  });

  it("puts keys that differ in one word, or in two whose sum is the same, into as many places as chance does", () => {
    const COUNT = 15_000;
    const PLACES = 1 << 16;
    const kinds: Record<string, (index: number) => number[]> = {
      "the last word": (index) => [7, index],
      "the first word": (index) => [index, 7],
      "upper bits": (index) => [7, index << 16],
      both: (index) => [index, COUNT - index],
    };
    for (const [kind, words] of Object.entries(kinds)) {
      const places = new Set<number>();
      for (let index = 0; index < COUNT; index++) {
        places.add(hashWords(Int32Array.from(words(index)), 0, 2, KEY) & (PLACES - 1));
      }
      const byChance = PLACES * (1 - Math.exp(-COUNT / PLACES));
      assert.ok(places.size > byChance * 0.95, `${kind}: ${places.size} places`);
    }
  });
});

describe("wordAt()", () => {
  it("is little-endian, with zeros behind the end", () => {
    assert.equal(wordAt(Uint8Array.of(9, 1, 2, 3, 0x84), 1), 0x84030201 | 0);
    assert.equal(wordAt(Uint8Array.of(9, 1), 1), 1);
  });
});
