import assert from "node:assert/strict";
import fc from "fast-check";
import { hexdumpLayout, hexdumpLine } from "../../../../extension/core/text/hexdump.ts";

const widths = [4, 8, 16] as const;

function dump(bytes: Uint8Array, bytesPerLine: 4 | 8 | 16 = 16): string[] {
  const layout = hexdumpLayout(bytes.length, bytesPerLine);
  return Array.from({ length: layout.lineCount }, (_, line) => hexdumpLine(bytes, line, layout));
}

describe("hexdump", () => {
  it("has Wireshark's layout", () => {
    assert.deepEqual(dump(new TextEncoder().encode("Hello, Tracy!")), [
      "0000  48 65 6c 6c 6f 2c 20 54  72 61 63 79 21           Hello, Tracy!",
    ]);
  });

  it("starts a new line after 16, 8 or 4 bytes", () => {
    const bytes = new TextEncoder().encode("Hello, Michael!!x");
    assert.deepEqual(dump(bytes), [
      "0000  48 65 6c 6c 6f 2c 20 4d  69 63 68 61 65 6c 21 21  Hello, Michael!!",
      "0010  78                                                x",
    ]);
    assert.deepEqual(dump(bytes, 8), [
      "0000  48 65 6c 6c 6f 2c 20 4d  Hello, M",
      "0008  69 63 68 61 65 6c 21 21  ichael!!",
      "0010  78                       x",
    ]);
    assert.deepEqual(dump(bytes.subarray(0, 5), 4), [
      "0000  48 65 6c 6c  Hell",
      "0004  6f           o",
    ]);
  });

  it("shows a dot for every byte that is not printable ASCII", () => {
    const bytes = Uint8Array.from([0x00, 0x1b, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0xff]);
    assert.deepEqual(dump(bytes, 8), ["0000  00 1b 1f 20 7e 7f 80 ff  ... ~..."]);
  });

  it("has no line for an empty payload", () => {
    assert.deepEqual(dump(new Uint8Array()), []);
  });

  it("widens the offset only beyond 64 KiB", () => {
    assert.equal(hexdumpLayout(65_536).offsetDigits, 4);
    assert.equal(hexdumpLayout(65_537).offsetDigits, 5);
    const bytes = new Uint8Array(65_537);
    const layout = hexdumpLayout(bytes.length);
    assert.match(hexdumpLine(bytes, 0, layout), /^00000 {2}00/);
    assert.match(hexdumpLine(bytes, 4096, layout), /^10000 {2}00 {48}\.$/);
  });

  it("holds every byte once, in order, and keeps its text column in place", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...widths), (bytes, width) => {
        const layout = hexdumpLayout(bytes.length, width);
        const textColumn = layout.lineWidth - width;
        const read: number[] = [];
        for (const [index, line] of dump(bytes, width).entries()) {
          assert.equal(Number.parseInt(line.slice(0, 4), 16), index * width);
          const hex = line.slice(layout.offsetDigits, textColumn).trim().split(/ +/);
          read.push(...hex.map((digits) => Number.parseInt(digits, 16)));
          assert.equal(line.length - textColumn, hex.length);
        }
        assert.deepEqual(read, [...bytes]);
      }),
    );
  });
});
