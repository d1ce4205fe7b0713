import assert from "node:assert/strict";
import fc from "fast-check";
import { payloadDigest } from "../../extension/capture/table/digest.ts";

const digest = (bytes: Uint8Array, length = bytes.length) =>
  payloadDigest(bytes, 0, bytes.length, length);

describe("payloadDigest()", () => {
  it("is the same for the same payload, wherever it lies", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.uint8Array(), (payload, before) => {
        const moved = Uint8Array.of(...before, ...payload, 1, 2, 3);
        assert.equal(
          payloadDigest(moved, before.length, payload.length, payload.length),
          digest(payload),
        );
      }),
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

  it("hardly ever falls together for counters", () => {
    const seen = new Set<number>();
    for (let n = 0; n < 100_000; n++) seen.add(digest(new TextEncoder().encode(`seq=${n}`)));
    assert.ok(seen.size > 99_990, String(seen.size));
  });
});
