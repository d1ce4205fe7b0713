import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bestTemplateFormat,
  parseTemplate,
  TEMPLATE_PROBLEMS,
  templateText,
  type Values,
} from "../../../../extension/core/payload/template.ts";
import {
  PAYLOAD_FORMATS,
  type PayloadFormat,
} from "../../../../extension/core/text/payload_format.ts";

const values: Values = {
  sequence: 0x1_0102n,
  now: 1_700_000_000_123_456n,
  random: (count) => new Uint8Array(count).fill(0xee),
};

function hexOf(text: string, format: PayloadFormat = "hex"): string {
  const { template } = parseTemplate(text, format);
  return template ? Buffer.from(template.fill(values)).toString("hex") : assert.fail(text);
}

function problemOf(text: string, format: PayloadFormat = "hex"): string {
  const { problem } = { problem: undefined, ...parseTemplate(text, format) };
  if (!problem) return "";
  return TEMPLATE_PROBLEMS[problem.code].replace(
    /\{(\d)\}/g,
    (_, at) => problem.arguments[at] ?? "",
  );
}

describe("a payload with computed bytes", () => {
  const FILLED: readonly (readonly [text: string, format: PayloadFormat, hex: string])[] = [
    ["{{seq u16be}}", "hex", "0102"],
    ["{{seq u24le}} ff", "hex", "020101ff"],
    ["a{{ SEQ  u8 }}b", "text", "610262"],
    ["{{now u32be}}", "hex", "6553f100"],
    ["{{now u64le ms}}", "hex", "7b68e5cf8b010000"],
    ["{{now u64be us}}", "hex", "00060a2418202240"],
    ["{{length u16le}}abc", "text", "0500616263"],
    ["{{length u8 -1}} 01 02", "hex", "020102"],
    ["{{random 3}}00", "hex", "eeeeee00"],
    // A request of Modbus as its specification has it.
    ["01 04 02 ff ff {{crc16/modbus}}", "hex", "010402ffffb880"],
    ["123456789{{crc16/modbus be}}", "text", "3132333435363738394b37"],
    ["123456789{{crc32}}", "text", "3132333435363738392639f4cb"],
    ["xx123456789{{CRC-16/XMODEM from 2}}", "text", "787831323334353637383931c3"],
    ["MTIz{{crc8}}NDU2", "base64", "313233c0343536"],
    ["\\x01{{length u8}}\\n", "escape", "01030a"],
    // The CRC is of what was computed before it, and a length of what comes behind it.
    ["{{length u8}}{{seq u8}}{{crc8}}", "hex", "030231"],
  ];
  for (const [text, format, hex] of FILLED) {
    it(`${text} is ${hex}`, () => {
      assert.equal(hexOf(text, format), hex);
    });
  }

  const WRONG: Readonly<Record<string, string>> = {
    "{{seq}}": "seq needs a type, such as u16be",
    "{{seq u16}}": "u16 needs an order of bytes: write le or be behind it",
    "{{seq i16le}}": "i16le is no type: write u8, or u16, u24, u32 or u64 with le or be behind it",
    "{{seq u16be 5}}": "5 means nothing behind seq",
    "{{now u32be min}}": "min means nothing behind now",
    "{{length u8 5}}": "5 means nothing behind length",
    "{{random}}": "{{random}} is no number from 1 to 65536",
    "{{random 0}}": "0 is no number from 1 to 65536",
    "{{crc16/modbus lsb}}": "lsb means nothing behind crc16/modbus",
    "{{crc16/modbus from x}}": "x is no number from 0 to 99999",
    "{{name}}":
      "{{name}} computes nothing: there are seq, length, now, random, and CRCs such as crc16/modbus",
    "{{seq u8":
      "{{seq u8 is not closed: write two closing braces behind it, or \\x7b for a brace as an escape",
    "0g {{seq u8}}": "0g is no byte: write two hexadecimal digits for each",
    "{{length u8}}{{random 300}}": "a length of 301 bytes does not fit into u8",
    "{{length u8 -9}}": "a length of -8 bytes does not fit into u8",
  };
  for (const [text, sentence] of Object.entries(WRONG)) {
    it(`is refused: ${text}`, () => assert.equal(problemOf(text), sentence));
  }

  it("names the CRCs of the same width where there is none of that name", () => {
    assert.match(
      problemOf("{{crc24/x}}"),
      /^crc24\/x is no CRC of the catalogue, which has crc24\/ble, /,
    );
    assert.equal(
      problemOf("{{crc7}}"),
      "crc7 is no CRC of the catalogue, which has crc8, crc16, crc24, crc32, crc64",
    );
    assert.match(problemOf("{{seq u8}}".repeat(101)), /more than 100/);
  });

  it("is the same in each format that can have it", () => {
    const { template } = parseTemplate("ab{{crc16/modbus}}c", "text");
    for (const format of PAYLOAD_FORMATS) {
      const text = template?.write(format) ?? assert.fail(format);
      assert.equal(hexOf(text, format), hexOf("ab{{crc16/modbus}}c", "text"), text);
    }
    assert.equal(parseTemplate("ff{{crc8}}", "hex").template?.write("text"), undefined);
    assert.equal(template?.hasSequence, false);
    assert.equal(parseTemplate("{{seq u8}}", "hex").template?.hasSequence, true);
  });

  it("stands for bytes as they are, also for braces", () => {
    const bytes = fc.uint8Array({ maxLength: 20 });
    const braces = fc
      .array(fc.constantFrom("{", "}", "{{", "}}", "\\", "seq u8", "x"))
      .map((parts) => new TextEncoder().encode(parts.join("")));
    fc.assert(
      fc.property(fc.oneof(bytes, braces), (given) => {
        for (const format of [bestTemplateFormat(given), "hex", "base64", "escape"] as const) {
          const text = templateText(given, format) ?? assert.fail(format);
          const { template } = parseTemplate(text, format);
          assert.deepEqual(template?.fill(values), new Uint8Array(given), text);
        }
      }),
    );
  });

  it("is read or refused, whatever is written", () => {
    const words = fc.constantFrom(
      ...["{{", "}}", "{", "}", " ", "seq", "u16be", "length", "random", "5", "crc16/modbus"],
      ...["crc", "from", "le", "now", "ms", "41", "-3", "\\x7b"],
    );
    fc.assert(
      fc.property(fc.array(words), fc.constantFrom(...PAYLOAD_FORMATS), (parts, format) => {
        const { template, problem } = {
          problem: undefined,
          ...parseTemplate(parts.join(" "), format),
        };
        assert.ok(problem ?? template?.fill(values).length === template?.length);
      }),
      { numRuns: 1000 },
    );
  });
});
