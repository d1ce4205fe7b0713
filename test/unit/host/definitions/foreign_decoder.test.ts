import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDecoders } from "../../../../extension/core/decode/load_decoders.ts";
import type { ForeignDecoder } from "../../../../extension/host/definitions/foreign_decoder.ts";
import { waitUntil } from "../../../support/wait_until.ts";
import { DNS_MESSAGES } from "../../support/messages.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

const PROGRAM = new URL(
  "../../../../extension/processes/decoder/decoder_thread.ts",
  import.meta.url,
);
const ACME = `
exports.speaks = (payload) => payload[0] === 0xac;
exports.decode = (payload) => {
  if (payload.length < 3) throw new Error("an acme has three bytes");
  return { fields: [
    { name: "id", value: payload[1], start: 1, end: 2 },
    { name: "body", start: 2, end: payload.length, fields: [
      { name: "big", value: 2n ** 64n, start: 2, end: 3 }, { name: "ok", value: true, start: 2, end: 2 }] },
  ] };
};`;

describe("a decoder of another extension", function () {
  this.timeout(60_000);
  let folder: string;
  let Foreign: typeof ForeignDecoder;
  const started: ForeignDecoder[] = [];
  let back = 0;

  before(async () => {
    standInForVscode();
    folder = await mkdtemp(join(tmpdir(), "udp-decoders-"));
    ({ ForeignDecoder: Foreign } = await import(
      "../../../../extension/host/definitions/foreign_decoder.ts"
    ));
  });

  afterEach(() => {
    for (const decoder of started.splice(0)) decoder.dispose();
  });

  after(() => rm(folder, { recursive: true }));

  let modules = 0;
  /** None is late on a busy machine, unless it is to be. */
  async function start(
    source: string,
    ports: readonly number[] = [5005],
    patienceMs = 20_000,
  ): Promise<ForeignDecoder> {
    const module = join(folder, `${++modules}.cjs`);
    await writeFile(module, source);
    const decoder = { id: "acme", name: "Acme", ports, module };
    const made = await Foreign.start(decoder, PROGRAM, () => back++, patienceMs);
    started.push(made);
    return made;
  }
  const says = (result: string) => start(`exports.decode = (payload) => (${result});`);
  const bytes = (...values: number[]) => Uint8Array.from(values);

  it("tells the fields of a payload, with their bytes, and why there are none", async () => {
    const acme = await start(ACME);
    const { summary, fields, problem } = acme.decode(bytes(0xac, 7, 1));
    assert.equal(problem, undefined);
    assert.equal(summary, "id 7, body");
    assert.deepEqual(fields, [
      { name: "id", value: "7", from: 1, to: 2, fields: [] },
      {
        ...{ name: "body", value: "", from: 2, to: 3 },
        fields: [
          { name: "big", value: String(2n ** 64n), from: 2, to: 3, fields: [] },
          { name: "ok", value: "true", from: 2, to: 2, fields: [] },
        ],
      },
    ]);
    assert.equal(acme.decode(bytes(0xac)).problem, "Acme failed: an acme has three bytes");
    assert.deepEqual(acme.fields.find("acme.body.big")?.paths, [
      [
        { name: "body", indices: [] },
        { name: "big", indices: [] },
      ],
    ]);
    assert.equal(acme.fields.find("other.id"), undefined);
  });

  it("is for its ports and for what it knows, behind a person's choice and before guesses", async () => {
    const { LoadedDecoders } = await import(
      "../../../../extension/host/definitions/payload_decoders.ts"
    );
    const acme = await start(ACME, [53]);
    let chosen: string | undefined;
    const of = ([port = 0]: readonly number[]) => (chosen ? { port, decoder: chosen } : undefined);
    const decoders = new LoadedDecoders(await loadDecoders(), [], { of }, [acme]);
    const ends = (port: number) => ({ ports: [port, 4000], peers: [], direction: undefined });
    const by = (port: number, payload: Uint8Array) =>
      decoders.choose(ends(port), payload)?.decoder.id;
    const dns = DNS_MESSAGES[0] ?? assert.fail();
    const isDns = decoders.all.find(({ id }) => id === "dns")?.speaks;
    assert.equal(by(53, dns), "acme");
    assert.equal(isDns?.(dns, [53, 4000], false), false);
    assert.equal(by(9999, bytes(0xac, 1, 2)), "acme");
    assert.equal(by(9999, bytes(0xad, 1, 2)), undefined);
    // What it cannot read is somebody else's.
    assert.equal(by(53, bytes(1)), "dns");
    chosen = "dns";
    assert.equal(by(53, dns), "dns");
    chosen = "acme";
    assert.equal(by(4711, dns), "acme");
    chosen = "gone";
    assert.equal(by(53, dns), "acme");
  });

  for (const [what, result, problem, count] of [
    [
      "bytes that are not there",
      '{ fields: [{ name: "x", value: 1, start: 2, end: 99 }] }',
      "Acme says that x is from byte 2 to 99 of a payload of 3.",
      1,
    ],
    [
      "bytes that end before they begin",
      '{ fields: [{ name: "x", start: 2, end: 1 }] }',
      "Acme says that x is from byte 2 to 1 of a payload of 3.",
      1,
    ],
    ["no bytes at all", '{ fields: [{ name: "x" }] }', /undefined to undefined/, 1],
    ["nothing", "undefined", "Acme says nothing of this payload.", undefined],
    ["a number", "7", "Acme says nothing of this payload.", undefined],
    ["fields that are none", '{ fields: "all" }', undefined, 0],
    ["things that are no fields", "{ fields: [null, 7, []] }", /undefined/, 1],
    [
      "more than can be shown",
      '{ summary: "x".repeat(2_000_000), fields: [] }',
      "Acme says more than can be shown.",
      undefined,
    ],
    [
      "itself",
      "(() => { const a = {}; a.a = a; return a; })()",
      /^Acme failed: .*circular/,
      undefined,
    ],
    [
      "what throws when it is looked at",
      '({ get fields() { throw new Error("ha\\u202e"); } })',
      "Acme failed: ha\\u{202e}",
      undefined,
    ],
  ] as const) {
    it(`is not believed where it tells of ${what}`, async () => {
      const told = (await says(result)).decode(bytes(1, 2, 3));
      if (problem instanceof RegExp) assert.match(told.problem ?? "", problem);
      else assert.equal(told.problem, problem);
      assert.equal(told.fields?.length, count);
      assert.ok((told.fields ?? []).every(({ from, to }) => from <= to && to <= 3));
    });
  }

  it("is shown as data, in as many fields as there is room for", async () => {
    const one =
      '({ name: "a\\u202e" + i, value: "\\n".repeat(5000), start: 0, end: 1, fields: [] })';
    const { fields } = (
      await says(`{ fields: Array.from({ length: 100 }, (_, i) => ${one}) }`)
    ).decode(bytes(1));
    assert.equal(fields?.[7]?.name, "a\\u{202e}7");
    assert.ok((fields?.[7]?.value.length ?? 0) < 1100);
    const many =
      '{ fields: Array.from({ length: 9000 }, () => ({ name: "x", start: 0, end: 0 })) }';
    assert.ok(((await says(many)).decode(bytes(1)).fields?.length ?? 0) <= 5001);
  });

  it("is ended where it takes too long, begun again, and left alone in the end", async () => {
    const acme = await start("exports.decode = () => { for (;;); };", [5005], 100);
    for (let time = 1; time <= 3; time++) {
      assert.equal(
        acme.decode(bytes(time)).problem,
        "Acme took more than 100 ms for this payload.",
      );
      if (time < 3) await waitUntil("it to be back", () => back >= time);
    }
    assert.equal(
      acme.decode(bytes(9)).problem,
      "Acme was late 3 times, and is not asked any more in this window.",
    );
  });

  it("is left alone where each payload takes long", async () => {
    const acme = await start(
      "exports.decode = () => { const end = performance.now() + 10; while (performance.now() < end); return { fields: [] }; };",
    );
    const problems = new Set<string>();
    for (let time = 0; time < 60; time++) {
      problems.add((acme.decode(bytes(time)).problem ?? "").replace(/\d+ ms/, "N ms"));
    }
    assert.ok(
      problems.has("Acme takes N ms for a payload, and is not asked any more in this window."),
    );
  });

  it("takes nothing but its thread with it", async () => {
    for (const source of [
      "exports.decode = () => process.exit(1);",
      "exports.decode = () => { const all = []; for (;;) all.push(new Array(1e6).fill(all)); };",
      "exports.decode = () => { setTimeout(() => { throw 1; }); return { fields: [] }; };",
    ]) {
      const { problem } = (await start(source, [5005], 500)).decode(bytes(1));
      assert.ok(problem === undefined || /took more than/.test(problem), problem);
    }
  });

  it("is refused where it is none, or cannot be loaded", async () => {
    const module = join(folder, "none.cjs");
    for (const [wrong, message] of [
      [{ id: "dns" }, /built in/],
      [{ id: "a b" }, /id has to be/],
      [{ name: "" }, /name has to be/],
      [{ module: "acme.cjs" }, /absolute path/],
      [{ ports: [0] }, /ports have to be/],
      [{}, /Cannot find module/],
    ] as const) {
      const decoder = { id: "acme", name: "Acme", module, ...wrong };
      await assert.rejects(
        Foreign.start(decoder, PROGRAM, () => {}),
        message,
      );
    }
    await assert.rejects(start("exports.encode = 1;"), /exports no function decode/);
    await assert.rejects(start("throw new Error('not today')"), /not today/);
    await assert.rejects(start("exports.decode ="), /Unexpected/);
  });
});
