import assert from "node:assert/strict";
import { entryPlaces } from "../../../../extension/core/kaitai/settings_places.ts";

const NAME = "udpWorkbench.definitions";

describe("entries of a setting", () => {
  const found = (text: string) =>
    entryPlaces(text, NAME).map(({ from, to, keys }) => [
      text.slice(from, to),
      Object.fromEntries([...keys].map(([key, at]) => [key, text.slice(at.from, at.to)])),
    ]);

  it("are found in JSON with comments, tabs and commas too many", () => {
    const text = `{
\t// "udpWorkbench.definitions": [7],
\t"other": "a // b /* c",
\t"udpWorkbench.definitions": [ /* the first */
\t\t{ "file": "a.ksy", "port": 5005, },
\t\t7,
\t\t{ "file": "b.ksy", // "port": 1
\t\t  "when": "u1[0] == 1 // \\"no\\"" }
\t],
}`;
    assert.deepEqual(found(text), [
      ['{ "file": "a.ksy", "port": 5005, }', { file: '"a.ksy"', port: "5005" }],
      ["7", {}],
      [
        '{ "file": "b.ksy", // "port": 1\n\t\t  "when": "u1[0] == 1 // \\"no\\"" }',
        { file: '"b.ksy"', when: '"u1[0] == 1 // \\"no\\""' },
      ],
    ]);
  });

  it("are found in a workspace file, and nowhere where there are none", () => {
    const text = `{"folders": [], "settings": {"${NAME}": [{"port": 1}]}}`;
    assert.deepEqual(found(text), [['{"port": 1}', { port: "1" }]]);
    for (const none of ["", "{", "[]", `{"${NAME}": 7}`, `{"${NAME}": [`, '{"settings": []}']) {
      assert.deepEqual(found(none), [], none);
    }
  });
});
