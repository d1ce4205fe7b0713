import assert from "node:assert/strict";
import fc from "fast-check";
import type { DecodedField } from "../../../../extension/core/decode/decoded.ts";
import { builtInFields } from "../../../../extension/core/decode/decoder_fields.ts";
import { DECODERS, type DecoderId } from "../../../../extension/core/decode/decoder_names.ts";
import { decode } from "../../../../extension/core/decode/decoders.ts";
import { describedFields } from "../../../../extension/core/decode/described_field.ts";
import {
  fieldsAt,
  fieldsWithPaths,
  parsePath,
  pathName,
} from "../../../../extension/core/decode/field_path.ts";
import { WIRESHARK_FIELDS } from "../../../../extension/core/decode/wireshark_fields.ts";
import { decoded, utf8 } from "../../support/decoding.ts";
import {
  COAP_MESSAGES,
  DNS_MESSAGES,
  NTP_MESSAGES,
  RTP_MESSAGES,
  STUN_MESSAGES,
  SYSLOG_MESSAGES,
} from "../../support/messages.ts";
import { areInstalled, run } from "../../support/tshark.ts";

const JSON_PAYLOAD = utf8(
  '{"body": {"points": [{"x": 1}, {"x": -2.5}]}, "grid": [[1, 2], [3]], "ok": true}',
);

const MESSAGES: Partial<Record<DecoderId, readonly Uint8Array[]>> = {
  dns: DNS_MESSAGES,
  coap: COAP_MESSAGES,
  ntp: NTP_MESSAGES,
  rtp: RTP_MESSAGES,
  stun: Object.values(STUN_MESSAGES),
  syslog: SYSLOG_MESSAGES,
  json: [JSON_PAYLOAD],
};

const field = (name: string, value = "", fields: readonly DecodedField[] = []): DecodedField => ({
  ...{ name, value, fields },
  from: 0,
  to: 0,
});

function valuesAt(fields: readonly DecodedField[], path: string): string[] {
  return fieldsAt(fields, parsePath(path) ?? assert.fail(path)).map(({ value }) => value);
}

describe("the path of a field", () => {
  it("has the names from outside to inside, and the place among several", () => {
    const { fields } = decoded("json", JSON_PAYLOAD);
    const paths = fieldsWithPaths(fields).map(({ path }) => path);
    assert.deepEqual(paths, [
      ...["body", "body.points", "body.points[0]", "body.points[0].x"],
      ...["body.points[1]", "body.points[1].x"],
      ...["grid", "grid[0]", "grid[0][0]", "grid[0][1]", "grid[1]", "grid[1][0]", "ok"],
    ]);
    const twice = [field("question", "a"), field("ID", "b"), field("question", "c")];
    assert.deepEqual(
      fieldsWithPaths(twice).map(({ path }) => path),
      ["question[0]", "ID", "question[1]"],
    );
    assert.equal(pathName("question count"), "question_count");
    assert.equal(pathName("extension (raw)"), "extension_raw");
  });

  it("leads to one field, or without its index to each of several", () => {
    const { fields } = decoded("json", JSON_PAYLOAD);
    for (const [path, values] of [
      ["body.points[1].x", ["-2.5"]],
      ["body.points.x", ["1", "-2.5"]],
      ["grid[0][1]", ["2"]],
      ["grid[1]", ["[1]"]],
      ["body.points[2].x", []],
      ["nothing", []],
    ] as const) {
      assert.deepEqual(valuesAt(fields, path), values, path);
    }
    const list = decoded("json", utf8('[{"x": 1}, {"x": 2}]')).fields;
    assert.deepEqual(valuesAt(list, "[1].x"), ["2"]);
    assert.deepEqual(valuesAt(list, "x"), []);
    const twice = [field("name", "a"), field("name", "b")];
    assert.deepEqual(valuesAt(twice, "name[1]"), ["b"]);
    assert.deepEqual(valuesAt(twice, "name"), ["a", "b"]);
  });

  it("is none where it cannot be", () => {
    for (const text of ["", ".", "a.", ".a", "a..b", "a[", "a[x]", "a]b", `${"a.".repeat(64)}a`]) {
      assert.equal(parsePath(text), undefined, text);
    }
  });

  it("leads back to the field that it is of, whatever the names", () => {
    const name = fc.constantFrom("a", "b", "question count", '"key"');
    const trees = fc.letrec<{ tree: DecodedField[]; items: DecodedField[] }>((tie) => {
      const inner = fc.oneof(
        { maxDepth: 3, depthIdentifier: "tree" },
        fc.constant([]),
        tie("tree"),
        tie("items"),
      );
      return {
        tree: fc.array(
          fc.tuple(name, inner).map(([one, fields]) => field(one, "", fields)),
          { maxLength: 4 },
        ),
        items: fc
          .array(inner, { maxLength: 3 })
          .map((all) => all.map((fields, index) => field(`[${index}]`, "", fields))),
      };
    }).tree;
    fc.assert(
      fc.property(trees, (tree) => {
        for (const { path, field: found } of fieldsWithPaths(tree)) {
          const parsed = parsePath(path) ?? assert.fail(path);
          assert.ok(fieldsAt(tree, parsed).includes(found), path);
        }
      }),
    );
  });
});

describe("the fields of the built-in decoders", () => {
  it("are known by the paths that messages have", () => {
    for (const [id, messages] of Object.entries(MESSAGES)) {
      const known = builtInFields(id as DecoderId);
      for (const message of messages) {
        const result = decode(id as DecoderId, message);
        for (const { path, field: found } of fieldsWithPaths(result.fields ?? [])) {
          const { paths } = known.find(`${id}.${path}`) ?? assert.fail(`${id}.${path}`);
          const leads = paths.flatMap((one) => fieldsAt(result.fields ?? [], one));
          assert.ok(leads.includes(found), `${id}.${path}`);
        }
      }
    }
  });

  it("have Wireshark's names, which lead to something in some message", () => {
    const missing = new Set<string>();
    for (const id of Object.keys(MESSAGES) as DecoderId[]) {
      for (const name of Object.keys(WIRESHARK_FIELDS[id] ?? {})) {
        const { paths, only } = builtInFields(id).find(name) ?? assert.fail(name);
        const isFound = MESSAGES[id]?.some((message) => {
          const fields = decode(id, message).fields ?? [];
          return paths.some((path) =>
            fieldsAt(fields, path).some(({ value }) => only?.test(value) ?? true),
          );
        });
        if (!isFound) missing.add(name);
      }
    }
    assert.deepEqual([...missing].sort(), NOT_IN_MESSAGES);
  });

  it("are none that they never have", () => {
    for (const name of [
      "dns.qry.nam",
      "dns.",
      "dns",
      "dnsx.id",
      "coap.opt",
      "rtp.ssrc.x",
      "ntp[0]",
    ]) {
      const [id = ""] = name.split(/[.x[]/);
      assert.equal(builtInFields(id as DecoderId).find(name), undefined, name);
    }
    for (const { id } of DECODERS) assert.equal(builtInFields(id).find(`${id}.a..b`), undefined);
  });

  it("have names that Wireshark has", async function () {
    if (!(await areInstalled("tshark"))) this.skip();
    this.timeout(120_000);
    const known = new Set(
      (await run("tshark", "-G", "fields")).split("\n").map((line) => line.split("\t")[2]),
    );
    const names = Object.values(WIRESHARK_FIELDS).flatMap((fields) => Object.keys(fields));
    assert.deepEqual(
      names.filter((name) => !known.has(name)),
      [],
    );
  });
});

/** Of what no message here has one. */
const NOT_IN_MESSAGES: readonly string[] = [
  ...["etag", "if_match", "location_path", "location_query"].map((name) => `coap.opt.${name}`),
  ...["proxy_scheme", "proxy_uri", "size1", "uri_port"].map((name) => `coap.opt.${name}`),
  ...["dns.ptr.domain_name", "dns.qry.qu", "dns.resp.cache_flush"],
  ...["stun.att.lifetime", "stun.att.nonce", "stun.att.realm"],
];

describe("a described field", () => {
  it("has a value that programs can compare", () => {
    const values = (id: DecoderId, message: Uint8Array) =>
      Object.fromEntries(
        describedFields(decoded(id, message).fields).map((one) => [one.path, one]),
      );
    const json = values("json", JSON_PAYLOAD);
    assert.deepEqual(json["body.points[1].x"], {
      ...{ path: "body.points[1].x", value: -2.5, text: "-2.5" },
      ...{ start: 32, end: 41 },
    });
    assert.equal(json.ok?.value, true);
    const big = values("json", utf8('{"id": 9007199254740993, "text": "12", "e": "a (1)"}'));
    assert.equal(big.id?.value, "9007199254740993");
    assert.equal(big.text?.value, "12");
    assert.equal(big.e?.value, "a (1)");
    const dns = values("dns", DNS_MESSAGES.at(-1) ?? assert.fail());
    assert.equal(dns["flags.rcode"]?.value, 0);
    assert.equal(dns["flags.rcode"]?.text, "NOERROR (0)");
  });

  it("is counted and not named where its path would be longer than anybody reads", () => {
    /** Levels of long names, and what has the innermost one: paths that repeat all of them. */
    const nested = (levels: number, leaves: number): Uint8Array => {
      const name = "n".repeat(150);
      const inner = Array.from({ length: leaves }, (_, index) => `"${index}":1`).join();
      return utf8(`${`{"${name}":`.repeat(levels)}{${inner}}${"}".repeat(levels)}`);
    };
    const characters = (levels: number, leaves: number): number => {
      const found = describedFields(decoded("json", nested(levels, leaves)).fields);
      assert.ok(found.every(({ path }) => path.length <= 510));
      return found.reduce((sum, { path, text }) => sum + path.length + text.length, 0);
    };
    // Deeper and wider at once: what comes of it does not grow with their product.
    assert.ok(characters(40, 4000) <= 4 * characters(10, 1000));
    const found = describedFields(decoded("json", nested(4, 7)).fields);
    assert.deepEqual(
      found.slice(-1).map(({ path, text }) => [path.slice(-2), text]),
      [[".…", "+1"]],
    );
    assert.equal(found.length, 4);
  });
});
