import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bestFormat,
  formatPayload,
  PAYLOAD_FORMATS,
  PAYLOAD_PROBLEMS,
  type PayloadFormat,
  parsePayload,
} from "../../../../extension/core/text/payload_format.ts";
import { decode } from "../../../../scripts/udp_client.ts";

/** What the script makes of it: hex digits, or undefined where it refuses. */
function scriptsBytes(text: string, format: PayloadFormat): string | undefined {
  try {
    return decode(Buffer.from(text), format).toString("hex");
  } catch {
    return undefined;
  }
}

function ourBytes(text: string, format: PayloadFormat): string | undefined {
  const { bytes } = parsePayload(text, format);
  return bytes && Buffer.from(bytes).toString("hex");
}

/** Texts that are nearly right in one of the formats. */
const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(..."\\xunrt{}0dD8fFé世𝄞 \u00a0\ud800") }),
  fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEFxXg :;,.-\n\t\u00a0\ufeff") }),
  fc.string({ unit: fc.constantFrom(..."AQgwxyz09+/-_= \n\u00a0é") }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("base64url")),
);

describe("payload_format", () => {
  it("reads each text as udp_client --format does", () => {
    const format = fc.constantFrom(...PAYLOAD_FORMATS);
    fc.assert(
      fc.property(texts, format, (text, name) => {
        assert.equal(ourBytes(text, name), scriptsBytes(text, name));
      }),
      { numRuns: 5000 },
    );
  });

  it("reads back what it writes", () => {
    const format = fc.constantFrom("escape" as const, "hex" as const, "base64" as const);
    fc.assert(
      fc.property(fc.uint8Array(), format, (bytes, name) => {
        assert.deepEqual(parsePayload(formatPayload(bytes, name), name), { bytes });
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const written = Buffer.from(bytes).toString("base64");
        assert.equal(formatPayload(bytes, "base64"), written);
      }),
    );
  });

  // What Packet Sender 8.0.6 did to these is why they are here.
  const CORRUPTIONS: [text: string, format: PayloadFormat, hex: string | undefined][] = [
    ["é世", "text", "c3a9e4b896"],
    ["é世", "escape", "c3a9e4b896"],
    ["A\\x41B", "escape", "414142"],
    ["A\\x41B", "text", "415c78343142"],
    ["0x41 0x42", "hex", "4142"],
    ["41:6c,69;0x63-65", "hex", "416c696365"],
    ["416c6", "hex", undefined],
    ["41 4", "hex", "4104"],
    ["41:42:43", "hex", "414243"],
    ["41,42", "hex", "4142"],
    ["\\n\\r\\t\\\\", "escape", "0a0d095c"],
    ["\\u{d7ff}\\u{e000}\\u{10ffff}", "escape", "ed9fbfee8080f48fbfbf"],
    ["\\u{dfff}", "escape", undefined],
    ["QUJDA", "base64", undefined],
    ["41-42-43", "hex", "414243"],
  ];
  for (const [text, format, hex] of CORRUPTIONS) {
    it(`takes ${format} ${JSON.stringify(text)} for ${hex ?? "an error"}`, () => {
      assert.equal(ourBytes(text, format), hex);
    });
  }

  it("names the part that is wrong", () => {
    const wrong: [text: string, format: PayloadFormat, code: string, part: string][] = [
      ["a\\q", "escape", "escape", "\\q"],
      ["a\\", "escape", "escape", "\\"],
      ["\\u{d800}", "escape", "escape", "\\u{d800}"],
      ["\\u{110000}", "escape", "escape", "\\u{110000}"],
      ["\\x4", "escape", "escape", "\\x"],
      ["41 xyz 42", "hex", "hex", "xyz"],
      ["416c6", "hex", "hex", "416c6"],
      ["QQ*=", "base64", "base64", "*"],
      ["QUJDR", "base64", "base64End", "R"],
      ["QR==", "base64", "base64End", "QR"],
    ];
    for (const [text, format, code, part] of wrong) {
      assert.deepEqual(parsePayload(text, format), { problem: { code, part } }, text);
      assert.ok(code in PAYLOAD_PROBLEMS);
    }
  });

  it("chooses the format in which the bytes are the easiest to change", () => {
    assert.equal(bestFormat(Buffer.from("Grüße, 世界!")), "text");
    assert.equal(bestFormat(Buffer.from("C:\\temp")), "text");
    assert.equal(bestFormat(Buffer.from("two\nlines")), "escape");
    assert.equal(bestFormat(Buffer.from("\u202e")), "escape");
    assert.equal(bestFormat(Uint8Array.of(0x80, 0xff, 0x41)), "hex");
    assert.equal(bestFormat(Uint8Array.of(0x80, 0x41, 0x42)), "hex");
    assert.equal(bestFormat(Uint8Array.of(0x80, 0x41, 0x42, 0x43)), "escape");
    assert.equal(bestFormat(new Uint8Array(0)), "text");
  });

  it("chooses text only where the text stands for the same bytes", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          const format = bestFormat(bytes);
          const text =
            format === "text" ? Buffer.from(bytes).toString() : formatPayload(bytes, format);
          assert.equal(ourBytes(text, format), Buffer.from(bytes).toString("hex"));
          if (format === "text") assert.doesNotMatch(text, /\p{C}/u);
        },
      ),
    );
  });
});
