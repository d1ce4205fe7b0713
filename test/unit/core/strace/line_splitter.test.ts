import assert from "node:assert/strict";
import fc from "fast-check";
import { LineSplitter } from "../../../../extension/core/strace/line_splitter.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("the lines of a stream", () => {
  it("are the same in whatever pieces it comes", () => {
    const line = fc.string({ unit: fc.constantFrom("a", "b", "\\"), maxLength: 30 });
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 9 })), (lines, steps) => {
        const all = bytes(lines.map((it) => `${it}\n`).join(""));
        const splitter = new LineSplitter(20);
        const found = [];
        for (let at = 0, step = 0; at < all.length; step++) {
          const end = at + (steps[step % Math.max(1, steps.length)] ?? all.length);
          found.push(...splitter.take(all.subarray(at, end)));
          at = end;
        }
        assert.deepEqual(
          found,
          lines.map((text) => ({ text: text.slice(0, 20), isCut: text.length > 20 })),
        );
      }),
    );
  });
});
