import assert from "node:assert/strict";
import fc from "fast-check";
import { bufferBytes, bufferFor } from "../../../../extension/core/losses/receive_buffer.ts";

const DEFAULT = 212_992;

describe("what a receive buffer holds", () => {
  it("is about what the kernel takes for each datagram", () => {
    assert.equal(bufferBytes(48), 768);
    assert.equal(bufferBytes(512), 1280);
    assert.equal(bufferBytes(1400), 2304);
  });

  it("is less of larger ones", () => {
    let before = 0;
    for (let length = 0; length <= 65_507; length++) {
      const bytes = bufferBytes(length);
      assert.ok(bytes > length && bytes >= before, `${length}`);
      before = bytes;
    }
  });

  it("is measured, and what is to be asked for is half of what is needed, as Linux doubles it", () => {
    const held = { held: 277, length: 48 };
    assert.deepEqual(bufferFor(470, held, DEFAULT), { size: 196_608, holds: 511 });
    assert.deepEqual(bufferFor(470, { held: 256, length: 48 }, DEFAULT), {
      size: 196_608,
      holds: 472,
    });
  });

  it("is enough for all that is needed, and round", () => {
    const sizes = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 1472 }), (needed, length) => {
        const held = Math.floor(DEFAULT / bufferBytes(length));
        const { size, holds } = bufferFor(needed, { held, length }, DEFAULT) ?? assert.fail();
        assert.ok(holds >= needed && size % 65_536 === 0);
      }),
    );
  });

  it("is not told where the buffer must have been another one", () => {
    assert.equal(bufferFor(470, { held: 20, length: 48 }, DEFAULT), undefined);
    assert.equal(bufferFor(4700, { held: 2700, length: 48 }, DEFAULT), undefined);
  });
});
