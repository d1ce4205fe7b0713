import assert from "node:assert/strict";
import fc from "fast-check";
import { payloadPreview } from "../../../../extension/core/text/payload_preview.ts";
import { printableBytes } from "../../../../extension/core/text/printable.ts";

describe("payloadPreview", () => {
  const preview = (bytes: readonly number[] | string, limit = 200, totalBytes?: number) =>
    payloadPreview(
      typeof bytes === "string" ? new TextEncoder().encode(bytes) : Uint8Array.from(bytes),
      limit,
      totalBytes,
    );

  it("is text where a person can read it, with a few bytes that are none", () => {
    for (const text of ["Michael", "你好，世界", '{"c":21.4}\r\n', "", "C:\\x41\\x42"]) {
      const bytes = new TextEncoder().encode(text);
      assert.deepEqual(preview(text), { text: printableBytes(bytes), isHex: false }, text);
    }
    assert.deepEqual(preview("\x1b[31mERROR\x1b[0m"), {
      text: "\\x1b[31mERROR\\x1b[0m",
      isHex: false,
    });
    assert.deepEqual(preview("temp=21\0"), { text: "temp=21\\x00", isHex: false });
  });

  it("is digits where most would be escapes", () => {
    assert.deepEqual(preview([0x06]), { text: "06", isHex: true });
    const query = [0x1c, 0xa2, 0x01, 0x20, 0, 1, 0, 0, 0, 0, 0, 0, 3, 0x66, 0x6f, 0x6f, 0, 0, 1];
    assert.deepEqual(preview(query), {
      text: "1c a2 01 20 00 01 00 00 00 00 00 00 03 66 6f 6f 00 00 01",
      isHex: true,
    });
    // "你好" in GBK
    assert.deepEqual(preview([0xc4, 0xe3, 0xba, 0xc3]).isHex, true);
  });

  it("has whole bytes up to the limit, and says how many there are", () => {
    assert.equal(preview([0, 1, 2, 3], 11).text, "00 01 02 03");
    assert.equal(preview([0, 1, 2, 3], 10).text, "00 01 02… (4 B)");
    assert.equal(preview([0, 1, 2, 3], 11, 900).text, "00 01 02 03… (900 B)");
  });

  it("is never longer than its limit but for that note, and printable ASCII where it is digits", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 2, max: 200 }),
        (bytes, limit) => {
          const { text, isHex } = payloadPreview(bytes, limit);
          const [shown = ""] = text.split("…");
          assert.ok([...shown].length <= limit);
          if (isHex) assert.match(shown, /^[0-9a-f]{2}( [0-9a-f]{2})*$/);
        },
      ),
    );
  });
});
