import assert from "node:assert/strict";
import fc from "fast-check";
import { formatRequests } from "../../../../extension/host/requests/request_format.ts";
import { parseRequests } from "../../../../scripts/udp_run.ts";

/** What a file says, without where it says it. */
function said(text: string): string {
  const { blocks, names, directives, problems } = parseRequests(text);
  const json = JSON.stringify({ blocks, names, directives, problems }, (key, value) =>
    ["line", "column", "end", "lastLine", "span", "text"].includes(key) &&
    !(key === "text" && typeof value === "string" && !/\s/.test(value))
      ? undefined
      : value instanceof RegExp
        ? String(value)
        : value,
  );
  // The name of a block without a title.
  return json.replaceAll(/"Line \d+"/g, "");
}

describe("a request file, formatted", () => {
  it("has one blank between words, none at the ends of lines, and one empty line between blocks", () => {
    const text = [
      "@device   =  127.0.0.1:9  ",
      "",
      "",
      "###   Asks  ",
      "# @timeout 1s",
      "  SEND   {{device}}   # there",
      '  hex 40  01"a  b"  ',
      "EXPECT  1   within 1s",
      "length  ==  4",
      "# What follows is another one",
      "###",
      "SEND :9",
      '""',
      "",
    ];
    assert.equal(
      formatRequests(text.join("\r\n")),
      `@device = 127.0.0.1:9

### Asks
# @timeout 1s
SEND {{device}}  # there
hex 40 01 "a  b"
EXPECT 1 within 1s
length == 4
# What follows is another one
###
SEND :9
""
`,
    );
  });

  it("leaves a line with a mistake alone", () => {
    assert.equal(formatRequests('### a\nSEND   nowhere\n"x"\n'), '### a\nSEND   nowhere\n"x"\n');
  });

  it("says the same as before, and stays as it is when it is formatted again", () => {
    const word = fc.constantFrom(
      ...'### SEND EXPECT SERVE WHEN AND REPLY REPLAY to from within after hex base64 file 40 @a = {{a}} {{ }} " "a  b" \\ / /x/ # @timeout 1s 1.. refused same except bytes[1..2] length == not matches distinct : :9 127.0.0.1:9'.split(
        " ",
      ),
    );
    const gap = fc.constantFrom("", " ", "  ", "\t");
    const line = fc
      .array(fc.tuple(word, gap), { maxLength: 7 })
      .map((pairs) => pairs.flat().join(""));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const text = lines.join("\n");
        const formatted = formatRequests(text);
        assert.equal(said(formatted), said(text));
        assert.equal(formatRequests(formatted), formatted);
      }),
    );
  });
});
