import assert from "node:assert/strict";
import fc from "fast-check";
import {
  placedBytes,
  printable,
  printableBytes,
  withoutIcons,
} from "../../../../extension/core/text/printable.ts";

const utf8 = new TextEncoder();

/** Reads the escapes back into bytes: only possible because they are unambiguous. */
function readBack(text: string): Uint8Array {
  const short: Record<string, number> = { n: 10, r: 13, t: 9, "\\": 92 };
  const bytes: number[] = [];
  const token = /\\u\{([0-9a-f]+)\}|\\x([0-9a-f]{2})|\\([nrt\\])|([^\\])/gsu;
  let end = 0;
  for (const match of text.matchAll(token)) {
    assert.equal(match.index, end, `"${text}" holds a backslash that starts no escape`);
    end += match[0].length;
    const [, codePoint, byte, letter, character] = match;
    if (byte !== undefined) bytes.push(Number.parseInt(byte, 16));
    else if (letter !== undefined) bytes.push(short[letter] ?? -1);
    else {
      const plain = codePoint ? String.fromCodePoint(Number.parseInt(codePoint, 16)) : character;
      bytes.push(...utf8.encode(plain));
    }
  }
  assert.equal(end, text.length);
  return Uint8Array.from(bytes);
}

/** Bytes that are often, but not always, valid UTF-8 and full of what must not get through. */
const hostileBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: "binary", maxLength: 200 }).map((text) => utf8.encode(text)),
  fc
    .array(
      fc.constantFrom(
        "\x1b]52;c;",
        "\x07",
        "\u202e",
        "\u200b",
        "\\",
        "\\x1b",
        "$(bell)",
        "é",
        "𝒳",
        "\u0301",
      ),
    )
    .map((parts) => utf8.encode(parts.join(""))),
);

describe("printable", () => {
  it("leaves printable Unicode as it is", () => {
    for (const text of [
      "Hello, Michael!",
      "Grüße, 世界",
      "مرحبا",
      "नमस्ते",
      "é",
      "🦄 €",
      'a/b?c="d"\'',
    ]) {
      assert.equal(printable(text), text);
      assert.equal(printableBytes(utf8.encode(text)), text);
    }
  });

  const escapes: [string, string, string][] = [
    ["short forms", "a\nb\rc\td", "a\\nb\\rc\\td"],
    ["the backslash", "C:\\new", "C:\\\\new"],
    ["C0 and DEL", "\0\x07\x1b]52;c;QQ==\x07\x7f", "\\x00\\x07\\x1b]52;c;QQ==\\x07\\x7f"],
    ["C1", "\u009b6n\u0080", "\\u{9b}6n\\u{80}"],
    ["bidi controls", "\u202e\u2066\u061c\u200f", "\\u{202e}\\u{2066}\\u{61c}\\u{200f}"],
    [
      "zero width",
      "\u200b\u200d\u2060\ufeff\ufe0f",
      "\\u{200b}\\u{200d}\\u{2060}\\u{feff}\\u{fe0f}",
    ],
    ["letters that draw nothing", "\u3164\u115f\u2800", "\\u{3164}\\u{115f}\\u{2800}"],
    ["line and paragraph separators", "\u2028\u2029\u0085", "\\u{2028}\\u{2029}\\u{85}"],
    ["spaces that are no space", "\u00a0\u3000", "\\u{a0}\\u{3000}"],
    ["private use", "\ue000\u{10fffd}", "\\u{e000}\\u{10fffd}"],
    ["unassigned and noncharacters", "\u0378\ufdd0\u{1ffff}", "\\u{378}\\u{fdd0}\\u{1ffff}"],
    ["tags", "\u{e0041}", "\\u{e0041}"],
    ["a mark with nothing to stand on", "\u0301a", "\\u{301}a"],
    ["the ninth mark on a letter", `a${"\u0301".repeat(9)}`, `a${"\u0301".repeat(8)}\\u{301}`],
  ];
  for (const [what, text, expected] of escapes) {
    it(`escapes ${what}`, () => {
      assert.equal(printable(text), expected);
      assert.equal(printableBytes(utf8.encode(text)), expected);
    });
  }

  it("takes each character as a whole, on both sides of U+FFFF", () => {
    assert.equal(printable("\uffffa"), "\\u{ffff}a");
    assert.equal(printable("\u{10000}a"), "\u{10000}a");
  });

  it("knows which byte stands where", () => {
    const { text, starts } = placedBytes(Uint8Array.of(0x41, 0xc3, 0xa9, 0xff, 0x0a, 0x42));
    assert.equal(text, "Aé\\xff\\nB");
    assert.deepEqual([...starts], [0, 1, 1, 2, 6, 8]);
  });

  it("escapes lone surrogates", () => {
    assert.equal(printable("a\ud800b\udc00"), "a\\u{d800}b\\u{dc00}");
  });

  it("escapes every byte that is no part of valid UTF-8", () => {
    const cases: [number[], string][] = [
      [[0x80], "\\x80"],
      [[0xc3], "\\xc3"],
      [[0xc0, 0x80], "\\xc0\\x80"], // overlong NUL
      [[0xe0, 0x80, 0xaf], "\\xe0\\x80\\xaf"], // overlong slash
      [[0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"], // surrogate
      [[0xf4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"], // above U+10FFFF
      [[0xf0, 0x80, 0x80, 0x80], "\\xf0\\x80\\x80\\x80"],
      [[0xe4, 0xb8, 0x41], "\\xe4\\xb8A"],
      [[0xff, 0xfe, 0xc3, 0xa9], "\\xff\\xfeé"],
      [[0xf5, 0x80, 0x80, 0x80], "\\xf5\\x80\\x80\\x80"],
      [[0xe1, 0xc0, 0x80], "\\xe1\\xc0\\x80"],
      [[0xe0, 0xa0, 0x80], "\u0800"], // the first of three bytes
      [[0xf0, 0x90, 0x80, 0x80], "\u{10000}"], // the first of four
      [[0xc2, 0x80], "\\u{80}"], // the first of two
      [[0xf4, 0x8f, 0xbf, 0xbf], "\\u{10ffff}"], // the last of all
    ];
    for (const [bytes, expected] of cases) {
      assert.equal(printableBytes(Uint8Array.from(bytes)), expected);
    }
  });

  it("lets no control or format character through, whatever the bytes", () => {
    const forbidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u200b-\u200f]/u;
    fc.assert(
      fc.property(hostileBytes, fc.option(fc.nat(80), { nil: undefined }), (bytes, limit) => {
        const result = printableBytes(bytes, limit === undefined ? {} : { limit });
        assert.doesNotMatch(result, forbidden);
      }),
      { numRuns: 2000 },
    );
  });

  it("lets no such character through, for every code point there is", () => {
    const forbidden = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
      const result = printable(String.fromCodePoint(codePoint));
      if (forbidden.test(result)) assert.fail(`U+${codePoint.toString(16)} gives ${result}`);
    }
  });

  it("can be read back: the escaping is unambiguous", () => {
    fc.assert(
      fc.property(hostileBytes, (bytes) => {
        assert.deepEqual(readBack(printableBytes(bytes)), Uint8Array.from(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it("says the same of a string and of its bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(50), (text, limit) => {
        assert.equal(printable(text, { limit }), printableBytes(utf8.encode(text), { limit }));
      }),
    );
  });

  it("cuts at the limit and tells how many bytes there are in all", () => {
    assert.equal(printable("Hello", { limit: 5 }), "Hello");
    assert.equal(printable("Hello!", { limit: 5 }), "Hello… (6 B)");
    assert.equal(printable("Grüße", { limit: 2 }), "Gr… (7 B)");
    assert.equal(printable("Hello", { limit: 4, totalBytes: 1024 }), "Hell… (1024 B)");
    assert.equal(printable("", { limit: 0 }), "");
  });

  it("cuts neither through an escape nor through a surrogate pair", () => {
    assert.equal(printable("ab\x1b", { limit: 5 }), "ab… (3 B)");
    assert.equal(printable("a🦄", { limit: 2 }), "a… (5 B)");
  });

  it("never exceeds the limit", () => {
    fc.assert(
      fc.property(hostileBytes, fc.nat(60), (bytes, limit) => {
        const result = printableBytes(bytes, { limit });
        const body = result.replace(/… \(\d+ B\)$/, "");
        assert.ok(body.length <= limit);
      }),
    );
  });

  it("reads no further than the limit needs", () => {
    let reads = 0;
    const bytes = new Proxy(new Uint8Array(65_507).fill(0x41), {
      get(target, key) {
        if (typeof key === "string" && /^\d+$/.test(key)) reads++;
        return Reflect.get(target, key, target);
      },
    });
    assert.equal(printableBytes(bytes, { limit: 200 }), `${"A".repeat(200)}… (65507 B)`);
    assert.ok(reads < 1000, `${reads} reads`);
  });

  it("keeps line breaks where it is told to, and nothing else", () => {
    const text = "GET /\r\nHost: a\n\tb\rc\x1b";
    assert.equal(printable(text, { keepLineBreaks: true }), "GET /\nHost: a\n\\tb\\rc\\x1b");
    const bytes = utf8.encode(text);
    assert.equal(printableBytes(bytes, { keepLineBreaks: true }), "GET /\nHost: a\n\\tb\\rc\\x1b");
  });
});

describe("withoutIcons", () => {
  it("leaves nothing that VS Code would take for an icon", () => {
    assert.equal(
      withoutIcons("a $(bell) $(sync~spin) $("),
      "a \\x24(bell) \\x24(sync~spin) \\x24(",
    );
    assert.equal(withoutIcons("$ ( $5 $$(bell)"), "$ ( $5 $\\x24(bell)");
  });

  it("stays unambiguous", () => {
    fc.assert(
      fc.property(hostileBytes, (bytes) => {
        const label = withoutIcons(printableBytes(bytes));
        assert.ok(!label.includes("$("));
        // A payload's own is escaped.
        assert.deepEqual(readBack(label.replaceAll("\u200e", "")), Uint8Array.from(bytes));
      }),
    );
  });

  it("lets letters from right to left turn around nothing that stands beside them", () => {
    assert.equal(withoutIcons("שלום 12 (a)"), "\u200eשלום\u200e 12 (a)");
    assert.equal(withoutIcons("9 مُحَمَّد-b"), "9 \u200eمُحَمَّد\u200e-b");
    assert.equal(withoutIcons("Grüße, 你好"), "Grüße, 你好");
  });
});
