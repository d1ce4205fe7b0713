import assert from "node:assert/strict";
import fc from "fast-check";
import { fieldsAt, parsePath } from "../../../../extension/core/decode/field_path.ts";
import { type Definition, loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";

const DEFINITION = `
meta: {id: tracker, endian: le}
seq:
  - {id: id, type: u2}
  - {id: type, type: u1, enum: kind}
  - {id: head, type: head}
  - {id: temp, type: f4}
  - {id: big, type: u8be}
  - {id: flags, type: b4}
  - {id: after, type: u1}
enums:
  kind: {1: sample, 2: alarm}
types:
  head:
    meta: {endian: be}
    seq:
      - {id: a, type: s2}
      - {id: inner, type: inner}
  inner:
    seq: [{id: x, type: u1}, {id: y, type: s4le}]
`;
const FIXED = ["id", "type", "head.a", "head.inner.x", "head.inner.y", "temp", "big"];

describe("a field at a fixed place", () => {
  let definition: Definition;

  const load = async (text: string): Promise<Definition> => {
    const { definition: loaded, problems } = await loadDefinition("tracker.ksy", text);
    return loaded ?? assert.fail(JSON.stringify(problems));
  };
  const path = (text: string) => parsePath(text) ?? assert.fail(text);

  before(async () => {
    definition = await load(DEFINITION);
  });

  it("says what a decoding of the whole payload says, however long that is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 28 }), fc.constantFrom(...FIXED), (bytes, name) => {
        const fixed = definition.fixedField(path(name)) ?? assert.fail(name);
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const quick =
          fixed.to <= bytes.length ? fixed.text(fixed.read(view, fixed.from)) : undefined;
        const [field] = fieldsAt(definition.decode(bytes)?.fields ?? [], path(name));
        assert.equal(quick, field?.value);
        if (field) assert.deepEqual([fixed.from, fixed.to], [field.from, field.to]);
      }),
    );
  });

  it("is none behind bits, nor within what has items, nor where there is no such field", () => {
    for (const name of ["flags", "after", "head", "id[0]", "nothing", "head.nothing", "id.x"]) {
      assert.equal(definition.fixedField(path(name)), undefined, name);
    }
  });

  it("is none behind what may be left out, be longer, or end the reading", async () => {
    for (const before of [
      "{id: a, type: u1, if: false}",
      "{id: a, type: u1, valid: 7}",
      "{id: a, contents: [1]}",
      "{id: a, type: u1, repeat: expr, repeat-expr: 2}",
      "{id: a, type: strz, encoding: UTF-8}",
      "{id: a, size: 4}",
      "{id: a, size: 4, type: one}",
      "{id: a, type: two}",
      "{id: a, type: three(1)}",
      "{id: a, type: {switch-on: 1, cases: {1: one}}}",
    ]) {
      const text = `
meta: {id: one_more, endian: le}
seq: [${before}, {id: x, type: u1}]
types:
  one: {seq: [{id: b, type: u1}]}
  two: {seq: [{id: b, type: u1, valid: 1}]}
  three: {params: [{id: p, type: u1}], seq: [{id: b, type: u1}]}
`;
      assert.equal((await load(text)).fixedField(path("x")), undefined, before);
    }
  });
});
