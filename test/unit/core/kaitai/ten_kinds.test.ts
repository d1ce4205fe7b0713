import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import protobuf from "protobufjs";
import { definitionFromStruct } from "../../../../extension/core/cstruct/definition.ts";
import { TARGETS } from "../../../../extension/core/cstruct/target.ts";
import type { DecodedField } from "../../../../extension/core/decode/decoded.ts";
import { describedFields } from "../../../../extension/core/decode/described_field.ts";
import { findCrc } from "../../../../extension/core/payload/find_crc.ts";
import { loadProto } from "../../../../extension/core/protobuf/protobuf.ts";
import { DNS_MESSAGES } from "../../support/messages.ts";
import { definitionOf } from "./support.ts";

/** A protocol as people make them up: its definition, who writes its bytes, and what these say. */
interface Kind {
  readonly definition: string;
  /** An expression of Python with struct; or the bytes of another implementation. */
  readonly made: string | Uint8Array;
  /** By the paths of fields; what is not told is not checked. */
  readonly says: Readonly<Record<string, string>>;
}

const KINDS: Readonly<Record<string, Kind>> = {
  "a telemetry struct": {
    definition: `
meta: {id: tracker, endian: le}
seq:
  - {id: id, type: u2}
  - {id: type, type: u2, enum: type}
  - {id: seq, type: u4}
  - {id: temp, type: f4}
  - {id: volt, type: f4}
  - {id: uptime, type: u4}
enums:
  type: {1: sample, 2: alarm, 3: heartbeat}`,
    made: `struct.pack("<HHIffI", 7, 2, 41, 21.5, 3.29, 4000000000)`,
    says: {
      id: "7",
      type: "alarm (2)",
      seq: "41",
      temp: "21.5",
      volt: "3.29",
      uptime: "4000000000",
    },
  },
  "type, length, value": {
    definition: `
meta: {id: tlv, endian: be}
seq:
  - {id: records, type: record, repeat: eos}
types:
  record:
    seq:
      - {id: tag, type: u1}
      - {id: size, type: u2}
      - {id: body, size: size, type: {switch-on: tag, cases: {1: number, 2: name}}}
  number: {seq: [{id: value, type: s4}]}
  name: {seq: [{id: value, type: str, size-eos: true, encoding: UTF-8}]}`,
    made: `b"".join(struct.pack(">BH", t, len(v)) + v for t, v in
      [(1, struct.pack(">i", -5)), (2, "Grüße".encode()), (9, b"\\1\\2")])`,
    says: {
      "records[0].body.value": "-5",
      "records[1].body.value": '"Grüße"',
      "records[2].tag": "9",
      "records[2].body": "0102",
    },
  },
  "a request of Modbus with its CRC": {
    definition: `
meta: {id: modbus, endian: be}
seq:
  - {id: unit, type: u1, valid: {min: 1, max: 247}}
  - {id: function, type: u1, enum: function}
  - {id: address, type: u2}
  - {id: count, type: u2}
  - {id: crc, type: u2le}
enums:
  function: {3: read_holding, 4: read_input}`,
    // 0xC5CD is what the specification's own example of such a request ends in: 01 03 00 00 00 0A C5 CD.
    made: `struct.pack(">BBHH", 1, 3, 0, 10) + bytes.fromhex("c5cd")`,
    says: { unit: "1", function: "read_holding (3)", count: "10", crc: String(0xcdc5) },
  },
  "a snapshot of a game, in bits": {
    definition: `
meta: {id: snapshot, endian: le, bit-endian: le}
seq:
  - {id: tick, type: u4}
  - {id: count, type: u1}
  - {id: players, type: player, repeat: expr, repeat-expr: count}
types:
  player:
    seq:
      - {id: id, type: b6}
      - {id: is_alive, type: b1}
      - {id: is_firing, type: b1}
      - {id: x, type: b12}
      - {id: y, type: b12}
      - {id: weapon, type: b3, enum: weapon}
      - {id: health, type: b5}
enums:
  weapon: {0: none, 1: laser, 5: hammer}`,
    made: `struct.pack("<IB", 900, 2) + b"".join(
      struct.pack("<Q", id | alive << 6 | fire << 7 | x << 8 | y << 20 | w << 32 | h << 35)[:5]
      for id, alive, fire, x, y, w, h in [(33, 1, 0, 4000, 17, 5, 31), (2, 0, 1, 1, 4095, 1, 0)])`,
    says: {
      tick: "900",
      "players[0].id": "33",
      "players[0].is_alive": "true",
      "players[0].x": "4000",
      "players[0].weapon": "hammer (5)",
      "players[0].health": "31",
      "players[1].is_firing": "true",
      "players[1].y": "4095",
    },
  },
  "texts in four ways": {
    definition: `
meta: {id: texts, endian: be, encoding: UTF-8}
seq:
  - {id: magic, contents: "TX1"}
  - {id: fixed, type: str, size: 8, pad-right: 32}
  - {id: ended, type: strz}
  - {id: size, type: u1}
  - {id: counted, type: str, size: size}
  - {id: wide, type: str, size: 4, encoding: UTF-16BE}`,
    made: `struct.pack(">3s8s", b"TX1", b"abc     ") + "日本".encode() + b"\\0"
      + struct.pack(">B3s", 3, b"xyz") + "hé".encode("utf-16-be")`,
    says: { fixed: '"abc"', ended: '"日本"', counted: '"xyz"', wide: '"hé"' },
  },
  "lists in lists": {
    definition: `
meta: {id: mesh, endian: le}
seq:
  - {id: rows, type: u1}
  - {id: row, type: row, repeat: expr, repeat-expr: rows}
  - {id: tail, type: u1, repeat: until, repeat-until: _ == 0}
types:
  row:
    seq:
      - {id: count, type: u1}
      - {id: cells, type: cell, repeat: expr, repeat-expr: count}
  cell:
    seq:
      - {id: x, type: s2}
      - {id: tags, type: u1, repeat: expr, repeat-expr: 2}`,
    made: `struct.pack("<B", 2) + b"".join(struct.pack("<B", len(r)) + b"".join(struct.pack("<hBB", *c) for c in r)
      for r in [[(1, 2, 3)], [(-4, 5, 6), (7, 8, 9)]]) + bytes([3, 2, 0])`,
    says: {
      "row[1].count": "2",
      "row[1].cells[0].x": "-4",
      "row[1].cells[1].tags[1]": "9",
      tail: "[3]",
    },
  },
  "a header that says what follows": {
    definition: `
meta: {id: message, endian: be}
seq:
  - {id: version, type: u1, valid: 2}
  - {id: kind, type: u1, enum: kind}
  - {id: length, type: u2}
  - {id: body, size: length, type: {switch-on: kind, cases: {"kind::login": login, "kind::move": move}}}
  - {id: is_long, type: u1, if: length > 4}
instances:
  twice: {value: length * 2}
types:
  login: {seq: [{id: user, type: strz, encoding: ASCII}, {id: flags, type: u2}]}
  move: {seq: [{id: x, type: f8}, {id: y, type: f8}]}
enums:
  kind: {1: login, 2: move}`,
    made: `struct.pack(">BBHddB", 2, 2, 16, 1.5, -0.25, 1)`,
    says: { kind: "move (2)", "body.x": "1.5", "body.y": "-0.25", is_long: "1", twice: "32" },
  },
  "names with pointers to names": {
    definition: `
meta: {id: dns, endian: be, encoding: ASCII}
seq:
  - {id: id, type: u2}
  - {id: flags, type: u2}
  - {id: counts, type: u2, repeat: expr, repeat-expr: 4}
  - {id: questions, type: question, repeat: expr, repeat-expr: "counts[0]"}
  - {id: answers, type: answer, repeat: expr, repeat-expr: "counts[1]"}
types:
  question: {seq: [{id: name, type: name}, {id: type, type: u2}, {id: class, type: u2}]}
  answer:
    seq:
      - {id: name, type: name}
      - {id: type, type: u2}
      - {id: class, type: u2}
      - {id: ttl, type: u4}
      - {id: size, type: u2}
      - {id: data, size: size}
  name:
    seq: [{id: labels, type: label, repeat: until, repeat-until: _.size == 0 or _.size >= 192}]
  label:
    seq:
      - {id: size, type: u1}
      - {id: low, type: u1, if: size >= 192}
      - {id: text, type: str, size: size, if: size < 192}
    instances:
      target: {io: _root._io, pos: (size - 192) * 256 + low, type: name, if: size >= 192}`,
    made: DNS_MESSAGES[1] ?? new Uint8Array(),
    says: {
      id: String(0xbeef),
      "questions[0].name.labels[1].text": '"example"',
      "answers[0].type": "5",
    },
  },
};

const textsOf = (fields: readonly DecodedField[]): Record<string, string> =>
  Object.fromEntries(describedFields(fields).map(({ path, text }) => [path, text]));

describe("protocols of one's own, as another implementation writes them:", function () {
  this.timeout(30_000);
  const python = Object.entries(KINDS).filter(([, { made }]) => typeof made === "string");
  let hex: Record<string, string> | undefined;

  before(() => {
    const items = python.map(([name, { made }]) => `${JSON.stringify(name)}: (${made}).hex()`);
    const program = `import json, struct\nprint(json.dumps({${items.join(",\n")}}))`;
    try {
      hex = JSON.parse(
        execFileSync("python3", ["-c", program], { encoding: "utf8", stdio: "pipe" }),
      );
    } catch (error) {
      // Without Python nobody else writes these bytes here.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || process.env.CI) throw error;
    }
  });

  for (const [name, { definition, made, says }] of Object.entries(KINDS)) {
    it(name, async function () {
      if (typeof made === "string" && !hex) this.skip();
      const payload = typeof made === "string" ? Buffer.from(hex?.[name] ?? "", "hex") : made;
      const decoded = (await definitionOf(definition)).decode(payload) ?? assert.fail();
      assert.equal(decoded.misfit?.problem, undefined);
      const texts = textsOf(decoded.fields);
      for (const [path, text] of Object.entries(says)) assert.equal(texts[path], text, path);
      // One byte less, and it is told where.
      const cut = (await definitionOf(definition)).decode(payload.subarray(0, -1));
      assert.ok(cut?.misfit || name === "names with pointers to names", "a cut payload fits");
    });
  }

  it("a request of Modbus ends in a CRC that is found", () => {
    const payload = Buffer.from("01030000000ac5cd", "hex");
    const [first] = findCrc([payload]);
    assert.deepEqual([first?.crc.name, first?.isLittle], ["CRC-16/MODBUS", true]);
  });

  it("Protocol Buffers, with an import", async () => {
    const common = 'syntax = "proto3"; package acme; message Point { sint32 x = 1; sint32 y = 2; }';
    const main = `syntax = "proto3"; package acme; import "common.proto";
      message Track { string name = 1; repeated Point points = 2; map<string, double> tags = 3; }`;
    const root = protobuf.parse(common).root;
    protobuf.parse(main.replace('import "common.proto";', ""), root);
    const Track = root.lookupType("acme.Track");
    const payload = Track.encode(
      Track.create({ name: "é", points: [{ x: -1 }, { x: 2, y: -300 }], tags: { a: 0.5 } }),
    ).finish();
    const proto = await loadProto("main.proto", main, async (path) =>
      path === "common.proto" ? common : undefined,
    );
    const [message] = proto.schema?.messages ?? [];
    const { fields, misfit } = proto.decode(message ?? assert.fail(), payload);
    assert.equal(misfit, undefined);
    const texts = textsOf(fields);
    assert.equal(texts.name, '"é"');
    assert.equal(texts["points[1].y"], "-300");
    assert.equal(texts["tags[0].value"], "0.5");
  });

  it("a C struct with padding, as gcc lays it out", async function () {
    const source =
      "struct s { char kind; double value; short tags[3]; unsigned flag : 1, level : 9; };";
    const bytes = gccBytes(source, "{ 'k', -2.5, { 1, -2, 3 }, 1, 300 }");
    if (!bytes) this.skip();
    const target = TARGETS.find(({ id }) => id === "x86-64-linux") ?? assert.fail();
    const written = definitionFromStruct(source, { target, endian: "le", isPacked: false });
    assert.equal(written.size, bytes.length);
    const decoded = (await definitionOf(written.text)).decode(bytes);
    assert.equal(decoded?.misfit, undefined);
    const texts = textsOf(decoded?.fields ?? []);
    for (const [path, text] of Object.entries({
      ...{ kind: "107", value: "-2.5", "tags[1]": "-2", flag: "true", level: "300" },
    })) {
      assert.equal(texts[path], text, path);
    }
  });
});

/** What gcc has for a value of a struct, from what it compiles; undefined where there is no gcc for this machine's layout. */
function gccBytes(source: string, value: string): Uint8Array | undefined {
  if (process.arch !== "x64" || process.platform !== "linux") return undefined;
  try {
    const input = `${source}\nstruct s it = ${value};`;
    const text = execFileSync("gcc", ["-S", "-x", "c", "-o", "-", "-"], {
      input,
      encoding: "utf8",
    });
    const [, data = ""] = text.split("it:\n");
    const bytes: number[] = [];
    const sizes: Readonly<Record<string, number>> = {
      byte: 1,
      value: 2,
      short: 2,
      long: 4,
      quad: 8,
    };
    for (const line of data.split("\n")) {
      const [, word = "", number = ""] = /^\t\.(\w+)\t(-?\d+)$/.exec(line) ?? [];
      if (word === "zero") bytes.push(...new Array<number>(Number(number)).fill(0));
      else if (word in sizes) {
        const size = sizes[word] ?? 0;
        const bits = BigInt.asUintN(size * 8, BigInt(number));
        for (let at = 0; at < size; at++) bytes.push(Number((bits >> BigInt(8 * at)) & 255n));
      } else break;
    }
    return Uint8Array.from(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || process.env.CI) throw error;
    return undefined;
  }
}
