import assert from "node:assert/strict";
import {
  NamedDefinitions,
  type NamedUse,
} from "../../../../extension/core/kaitai/named_definitions.ts";

const METER = `meta: { id: meter, endian: le, imports: [shared/place] }
seq:
  - { id: kind, type: u1, enum: kinds }
  - { id: flag, type: b1 }
  - { id: big, type: u8 }
  - { id: level, type: f4 }
  - { id: raw, size: 2 }
  - { id: points, type: place, repeat: expr, repeat-expr: 2 }
  - { id: body, type: body }
types:
  body:
    seq:
      - { id: word, type: str, size: 2, encoding: ASCII }
instances:
  doubled: { value: level * 2 }
enums:
  kinds: { 1: ask, 3: alarm }
`;
const PLACE = `meta: { id: place, endian: le }
seq:
  - { id: x, type: s2 }
`;
const FILES: Record<string, string> = {
  "meter.ksy": METER,
  "shared/place.ksy": PLACE,
  "../other/meter.ksy": METER,
  "../other/shared/place.ksy": PLACE,
  "broken.ksy": "meta: { id: broken }\nseq:\n  - { id: x, type: u2 }\n",
};
const read = async (path: string) => FILES[path];
const named = (...uses: readonly NamedUse[]) => NamedDefinitions.load(uses, { read });
const field = (name: string, path: string): NamedUse => ({ kind: "field", name, field: path });
const PAYLOAD = Buffer.from("0380ffffffffffffffffcdcca841010205000700", "hex");
const WHOLE = Buffer.concat([PAYLOAD, Buffer.from("hi")]);

function valueIn<T>(found: { readonly value: T } | { readonly said: unknown }): T {
  assert.ok("value" in found);
  return found.value;
}

describe("definitions by the names of their types", () => {
  it("tell fields as a program compares them", async () => {
    const definitions = await named(field("meter", "level"));
    const look = (path: string) => valueIn(definitions.look("meter", path, WHOLE));
    assert.deepEqual(look("kind"), { name: "alarm", number: 3, names: ["ask", "alarm"] });
    assert.equal(look("flag"), true);
    assert.equal(look("big"), 2n ** 64n - 1n);
    assert.equal(look("level"), 21.1);
    assert.deepEqual(Buffer.from(look("raw") as Uint8Array), Buffer.from([1, 2]));
    assert.equal(look("points[1].x"), 7);
    assert.equal(look("body.word"), "hi");
    assert.equal(look("points.size"), 2);
    assert.equal(valueIn(definitions.look("body", "word", Buffer.from("ab"))), "ab");
  });

  it("say why a payload has no such value", async () => {
    const definitions = await named(field("meter", "level"));
    const look = (path: string, payload: Uint8Array) => {
      const found = definitions.look("meter", path, payload);
      assert.ok("said" in found);
      const { code, given } = found.said;
      return [code, ...given.map((it) => (typeof it === "string" ? it : `${it.key}: ${it.text}`))];
    };
    assert.deepEqual(look("level", PAYLOAD.subarray(0, 4)), [
      "misfit",
      "meter",
      "fit.bytesLeft: 2 bytes left, big needs 8",
    ]);
    assert.deepEqual(look("points[9].x", WHOLE), [
      "misfit",
      "meter",
      "fit.noIndex: There is no element 9: there are 2",
    ]);
    assert.deepEqual(look("lvl", WHOLE), ["noSuchField", "meter", "lvl"]);
  });

  it("are of the files that are named, else of one beside that is called so, with what these import", async () => {
    const far = await named(
      { kind: "file", path: "../other/meter.ksy" },
      field("meter", "points[0].x"),
    );
    assert.equal(far.check({ kind: "file", path: "../other/meter.ksy" }), undefined);
    assert.equal(valueIn(far.look("meter", "points[0].x", WHOLE)), 5);
    assert.deepEqual(await named(field("none", "x")).then((it) => it.check(field("none", "x"))), [
      "noDefinition",
      "none",
    ]);
  });

  it("say what is wrong with a use before there is a payload", async () => {
    const uses: NamedUse[] = [
      { kind: "file", path: "none.ksy" },
      field("broken", "x"),
      field("meter", "lvl"),
      field("meter", "points"),
      field("meter", "body"),
      field("meter", "doubled"),
      { kind: "fields", name: "meter", text: "meter { kind: 5000 }" },
      { kind: "fields", name: "meter" },
    ];
    const definitions = await named(...uses);
    const told = uses.map((use) => definitions.check(use)?.join(" | "));
    assert.deepEqual(told, [
      "noDefinitionFile | none.ksy",
      "badDefinition | broken.ksy | 3 | u2 needs an order of bytes: add endian to meta, or write u2le or u2be.",
      "noField | meter | lvl | kind, flag, big, level, raw, points, points.x, body, body.word, doubled",
      "noSingleValue | meter.points",
      "noSingleValue | meter.body",
      undefined,
      "badFields | meter | kind is 5000, and holds 0 to 255",
      undefined,
    ]);
  });
});
