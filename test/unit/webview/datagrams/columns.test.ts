import assert from "node:assert/strict";
import {
  COLUMN_NAMES,
  DEFAULT_LAYOUT,
  flexibleColumn,
  middleTemplate,
  readLayout,
  wideTemplate,
  withToggled,
  withWidth,
} from "../../../../extension/webview/datagrams/grid/columns.ts";

/** The tracks of a template: a space within brackets separates nothing. */
function tracks(template: string): string[] {
  let depth = 0;
  const marked = Array.from(template, (character) => {
    if (character === "(") depth++;
    if (character === ")") depth--;
    return character === " " && depth === 0 ? "\n" : character;
  });
  return marked.join("").split("\n");
}

describe("columns", () => {
  it("have a track each, of which payload takes what is left", () => {
    const wide = wideTemplate(DEFAULT_LAYOUT);
    assert.equal(wide.match(/1fr/g)?.length, 1);
    assert.equal(tracks(wide).length, COLUMN_NAMES.length);
    assert.equal(tracks(wide)[COLUMN_NAMES.indexOf("payload")], "minmax(8ch, 1fr)");
    assert.equal(tracks(middleTemplate(DEFAULT_LAYOUT)).length, COLUMN_NAMES.length - 1);
  });

  it("lose their track when they are hidden, and have it again", () => {
    const hidden = withToggled(withToggled(DEFAULT_LAYOUT, "time"), "payload");
    assert.equal(tracks(wideTemplate(hidden)).length, COLUMN_NAMES.length - 2);
    assert.equal(flexibleColumn(hidden), "note");
    assert.equal(tracks(wideTemplate(hidden)).at(-1), "minmax(8ch, 1fr)");
    assert.deepEqual(withToggled(withToggled(hidden, "time"), "payload"), DEFAULT_LAYOUT);
  });

  it("cannot all be hidden", () => {
    const left = COLUMN_NAMES.reduce(withToggled, DEFAULT_LAYOUT);
    assert.deepEqual(left.hidden, COLUMN_NAMES.slice(0, -1));
  });

  it("have the width that the user gave them, until it is taken back", () => {
    const layout = withWidth(DEFAULT_LAYOUT, "local", 200);
    assert.equal(tracks(wideTemplate(layout))[3], "minmax(24px, 200px)");
    assert.deepEqual(withWidth(layout, "local"), DEFAULT_LAYOUT);
  });

  it("are read from what was saved, without what is none", () => {
    const layout = { widths: { local: 200 }, hidden: ["note"] };
    assert.deepEqual(readLayout(layout), layout);
    for (const bad of [undefined, null, 7, "x", [], { widths: 1, hidden: 2 }]) {
      assert.deepEqual(readLayout(bad), DEFAULT_LAYOUT);
    }
    const widths = { local: 3, peer: "100px", colour: 100, note: 90, time: null };
    assert.deepEqual(readLayout({ widths, hidden: ["colour", 4] }), {
      widths: { note: 90 },
      hidden: [],
    });
    assert.deepEqual(readLayout({ hidden: COLUMN_NAMES }).hidden, []);
  });
});
