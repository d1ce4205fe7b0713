import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type BytesPerLine,
  hexdumpColumns,
  hexdumpLayout,
} from "../../../../extension/core/text/hexdump.ts";
import {
  fittingLayout,
  HexGeometry,
} from "../../../../extension/webview/datagrams/detail/hex_geometry.ts";

describe("fittingLayout", () => {
  /** Bytes on a line, and digits of the offset. */
  const fits = (length: number, characters: number) => {
    const { bytesPerLine, offsetDigits } = fittingLayout(length, characters);
    return [bytesPerLine, offsetDigits];
  };

  it("has the most bytes on a line that fit, if need be with fewer digits of the offset", () => {
    assert.deepEqual(fits(100, 200), [16, 4]);
    assert.deepEqual(fits(100, 72), [16, 4]);
    assert.deepEqual(fits(100, 71), [16, 2]);
    assert.deepEqual(fits(100, 69), [8, 4]);
    assert.deepEqual(fits(100, 38), [8, 2]);
    assert.deepEqual(fits(100, 37), [8, 2]);
    assert.deepEqual(fits(100, 36), [4, 4]);
    assert.deepEqual(fits(100, 20), [2, 4]);
    assert.deepEqual(fits(100, 0), [1, 2]);
  });

  it("leaves room for the longer offsets of longer payloads", () => {
    assert.deepEqual(fits(1000, 38), [8, 3]);
    assert.deepEqual(fits(65_537, 72), [8, 5]);
    assert.deepEqual(fits(65_537, 73), [16, 5]);
  });
});

describe("HexGeometry", () => {
  const dump = fc
    .record({
      payload: fc.uint8Array({ minLength: 1, maxLength: 70 }),
      width: fc.constantFrom<BytesPerLine[]>(1, 2, 4, 8, 16),
      column: fc.constantFrom("hex", "text") as fc.Arbitrary<"hex" | "text">,
      ends: fc.tuple(fc.nat(), fc.nat()),
    })
    .map(({ payload, width, column, ends: [one, other] }) => {
      const layout = hexdumpLayout(payload.length, width);
      const lines = Array.from({ length: layout.lineCount }, (_, line) =>
        hexdumpColumns(payload, line, layout),
      );
      const text = lines.map((line) => line[column]).join("\n");
      const [a, b] = [one % payload.length, other % payload.length];
      const range = { from: Math.min(a, b), to: Math.max(a, b) + 1 };
      return { payload, column, text, range, geometry: new HexGeometry(payload.length, width) };
    });

  it("finds the characters of bytes", () => {
    fc.assert(
      fc.property(dump, ({ payload, column, text, range, geometry }) => {
        const { from, to } = geometry.charactersOf(column, range);
        const shown = text.slice(from, to).replaceAll("\n", "");
        const bytes = payload.subarray(range.from, range.to);
        if (column === "hex")
          assert.equal(shown.replaceAll(" ", ""), Buffer.from(bytes).toString("hex"));
        else assert.equal(shown.length, bytes.length);
      }),
    );
  });

  it("finds the bytes of characters, and the same bytes again", () => {
    fc.assert(
      fc.property(dump, ({ column, range, geometry }) => {
        assert.deepEqual(geometry.bytesOf(column, geometry.charactersOf(column, range)), range);
      }),
    );
  });

  it("takes a byte whose digits are selected in part, and none for the space beside it", () => {
    const geometry = new HexGeometry(32, 16);
    assert.deepEqual(geometry.bytesOf("hex", { from: 1, to: 4 }), { from: 0, to: 2 });
    assert.deepEqual(geometry.bytesOf("hex", { from: 2, to: 4 }), { from: 1, to: 2 });
    assert.deepEqual(geometry.bytesOf("hex", { from: 2, to: 3 }), { from: 1, to: 1 });
    assert.deepEqual(geometry.bytesOf("hex", { from: 48, to: 50 }), { from: 16, to: 17 });
    assert.deepEqual(geometry.bytesOf("text", { from: 15, to: 18 }), { from: 15, to: 17 });
  });
});
