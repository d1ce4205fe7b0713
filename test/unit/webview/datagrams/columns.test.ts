import assert from "node:assert/strict";
import {
  COLUMN_NAMES,
  columnsOf,
  DEFAULT_LAYOUT,
  flexibleColumn,
  middleTemplate,
  readLayout,
  visibleFields,
  wideTemplate,
  withField,
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

  it("of fields stand in front of the note, are resized and hidden as the others, and remembered", () => {
    const one = withField(DEFAULT_LAYOUT, "tracker.temp");
    const layout = withWidth(withField(one, "dns.qry.name"), "field:tracker.temp", 90);
    assert.deepEqual(withField(layout, "tracker.temp"), layout);
    const names = [
      ...COLUMN_NAMES.slice(0, -1),
      "field:tracker.temp",
      "field:dns.qry.name",
      "note",
    ];
    assert.deepEqual(columnsOf(layout), names);
    assert.equal(tracks(wideTemplate(layout)).length, COLUMN_NAMES.length + 2);
    assert.equal(tracks(wideTemplate(layout))[7], "minmax(24px, 90px)");
    assert.deepEqual(visibleFields(layout), ["tracker.temp", "dns.qry.name"]);
    const hidden = withToggled(layout, "field:tracker.temp");
    assert.deepEqual(visibleFields(hidden), ["dns.qry.name"]);
    assert.equal(tracks(wideTemplate(hidden)).length, COLUMN_NAMES.length + 1);
    assert.deepEqual(readLayout(JSON.parse(JSON.stringify(hidden))), hidden);
    assert.deepEqual(visibleFields(withField(hidden, "tracker.temp")), visibleFields(layout));
    // Of another version, or of somebody else.
    const many = Array.from({ length: 100 }, (_, index) => `a.b${index}`);
    const { fields } = readLayout({ fields: [7, "", "x".repeat(301), "a.b0", "a.b0", ...many] });
    assert.equal(fields?.length, new Set(fields).size);
    assert.ok((fields?.length ?? 0) <= 20);
    assert.equal(
      columnsOf(many.reduce(withField, DEFAULT_LAYOUT)).length,
      COLUMN_NAMES.length + 20,
    );
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
