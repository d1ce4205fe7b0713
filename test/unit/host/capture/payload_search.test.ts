import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { compileFilter } from "../../../../extension/core/filter/compiler.ts";
import type { Needle } from "../../../../extension/core/filter/needle.ts";
import {
  type PayloadHits,
  type PayloadRun,
  searchPayloads,
} from "../../../../extension/host/capture/payload_search.ts";
import { isNeedleIn } from "../../support/needles.ts";

/** A file of headers and payloads, in turn. */
interface TestFile {
  readonly run: PayloadRun;
  readonly payloads: readonly Buffer[];
}

function needles(text: string): readonly Needle[] {
  const result = compileFilter(text);
  return "filter" in result ? result.filter.needles : assert.fail(result.problem.reason);
}

/** For each run and needle the datagrams that hold it; checks that all were reported, once and in order. */
async function search(
  files: readonly TestFile[],
  wanted: readonly Needle[],
  chunkBytes?: number,
): Promise<number[][][]> {
  const found = files.map(() => wanted.map((): number[] => []));
  const searched = files.map(() => 0);
  const onHits = ({ run, from, to, hits }: PayloadHits) => {
    assert.equal(from, searched[run]);
    assert.ok(to > from);
    searched[run] = to;
    for (const [needle, all] of hits.entries()) {
      assert.ok(all.every((payload) => payload >= from && payload < to));
      found[run]?.[needle]?.push(...all);
    }
  };
  const runs = files.map(({ run }) => run);
  const options = chunkBytes === undefined ? { onHits } : { onHits, chunkBytes };
  assert.deepEqual(await searchPayloads(runs, wanted, options), []);
  assert.deepEqual(
    searched,
    runs.map(({ offsets }) => offsets.length),
  );
  return found;
}

/** The same, one payload after the other. */
function naive(files: readonly TestFile[], wanted: readonly Needle[]): number[][][] {
  return files.map(({ payloads }) =>
    wanted.map((needle) =>
      payloads.flatMap((payload, index) => (isIn(needle, payload) ? [index] : [])),
    ),
  );
}

function isIn(needle: Needle, payload: Buffer): boolean {
  return needle.kind === "bytes" && needle.at === undefined
    ? payload.includes(Buffer.from(needle.bytes))
    : isNeedleIn(needle, payload);
}

describe("searchPayloads()", () => {
  let folder: string;
  let count = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "payload-search-"));
  });

  after(() => rm(folder, { recursive: true }));

  async function file(
    parts: readonly (readonly [header: Buffer, payload: Buffer])[],
    start = 0,
  ): Promise<TestFile> {
    const path = join(folder, String(count++));
    await writeFile(path, Buffer.concat([Buffer.alloc(start, "a"), ...parts.flat()]));
    let at = 0;
    const offsets: number[] = [];
    for (const [header, payload] of parts) {
      offsets.push(at + header.length);
      at += header.length + payload.length;
    }
    const lengths = parts.map(([, payload]) => payload.length);
    return {
      run: { path, start, offsets: Uint32Array.from(offsets), lengths: Uint16Array.from(lengths) },
      payloads: parts.map(([, payload]) => payload),
    };
  }

  const LETTERS = ["a", "b", "A", "B", "ä", "Ä", "ı", "I", "\n", "x"];
  const bytes = (maxLength: number) =>
    fc.array(fc.constantFrom(...LETTERS), { maxLength }).map((all) => Buffer.from(all.join("")));
  const filters = fc.constantFrom(
    ...[
      '"a"',
      '"ab"',
      '"A"',
      '"aB"',
      '"aba"',
      '"bab"',
      '"abab"',
      '"ä"',
      '"aä"',
      '"Ä"',
      '"ı"',
      '"aı"',
      '"x"',
      "hex:c3 hex:a4",
    ],
    ...[
      '"a\\n"',
      "udp.payload[1:2] == 61:62",
      'udp matches "^a+b"',
      'udp matches "b.?a$"',
      "hex:84",
    ],
  );

  it("finds what looking into one payload after the other finds, wherever chunks end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.array(fc.tuple(bytes(4), bytes(6)), { maxLength: 20 }), fc.nat(9)), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.array(filters, { maxLength: 4 }),
        fc.integer({ min: 1, max: 60 }),
        async (contents, texts, chunkBytes) => {
          const files = await Promise.all(contents.map(([parts, start]) => file(parts, start)));
          const wanted = needles(texts.join(" or "));
          assert.deepEqual(await search(files, wanted, chunkBytes), naive(files, wanted));
        },
      ),
      { numRuns: 400 },
    );
  });

  it("finds every needle in megabytes, and none in headers or across payloads", async () => {
    const parts = [...Array(40_000).keys()].map((index) => {
      const header = Buffer.from(index % 3 === 0 ? "..Needle.." : "");
      const text = `${index % 7 === 0 ? "dle" : ""}${index}${"-".repeat(index % 90)}`;
      return [header, Buffer.from(index % 11 === 0 ? `${text}Needle` : `${text}Nee`)] as const;
    });
    const files = [await file(parts), await file(parts.slice(0, 10))];
    const wanted = needles(
      '"Needle" or "needle" or "-nee" or "39999" or "ä" or "e" or udp ~ "9n.*e$"',
    );
    assert.equal(wanted.length, 7);
    const found = await search(files, wanted);
    assert.deepEqual(found, naive(files, wanted));
    assert.equal(found[0]?.[0]?.length, Math.ceil(40_000 / 11));
  });

  it("searches only what is new, when it is told only of that", async () => {
    const one = await file(
      [...Array(100).keys()].map((n) => [Buffer.from("x"), Buffer.from(`n${n}`)]),
    );
    const { path, offsets, lengths } = one.run as PayloadRun & {
      offsets: Uint32Array;
      lengths: Uint16Array;
    };
    const run = { path, offsets: offsets.subarray(90), lengths: lengths.subarray(90) };
    const found = await search([{ ...one, run }], needles("n9"));
    assert.deepEqual(found, [[[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]]);
  });

  it("reports nothing and reads nothing more once it is cancelled", async () => {
    const big = await file([...Array(50).keys()].map(() => [Buffer.of(), Buffer.from("needle")]));
    const controller = new AbortController();
    let reports = 0;
    const onHits = () => {
      reports++;
      if (reports === 2) controller.abort(new Error("another filter"));
    };
    const options = { onHits, signal: controller.signal, chunkBytes: 6 };
    await assert.rejects(searchPayloads([big.run], needles("x"), options), /another filter/);
    assert.equal(reports, 2);
    await assert.rejects(searchPayloads([big.run], needles("x"), options), /another filter/);
    assert.equal(reports, 2);
  });

  it("tells of files that are gone or cut, and searches the others", async () => {
    const whole = await file([[Buffer.of(), Buffer.from("needle")]]);
    const gone = { ...whole.run, path: join(folder, "gone") };
    const cut = { ...whole.run, offsets: [0, 6], lengths: [6, 6] };
    const found: number[][] = [];
    const unreadable = await searchPayloads(
      [gone, cut, whole.run],
      needles('"needle" or udp.payload[0] == 6e or udp ~ "^n?"'),
      { onHits: ({ run, to, hits }) => found.push([run, to, ...hits.map(({ length }) => length)]) },
    );
    assert.deepEqual(
      unreadable.map(({ path }) => path),
      [gone.path, cut.path],
    );
    assert.match(unreadable[0]?.error.message ?? "", /ENOENT/);
    assert.match(unreadable[1]?.error.message ?? "", /the last 6 bytes/);
    assert.deepEqual(found, [
      [0, 1, 0, 0, 0],
      [1, 2, 1, 1, 1],
      [2, 1, 1, 1, 1],
    ]);
  });

  it("lets the event loop turn while it searches for much and slowly", async () => {
    let seed = 1;
    const payload = Buffer.from(
      Uint8Array.from({ length: 50_000 }, () => {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        return seed & 0x10000 ? 0x61 : 0x62;
      }),
    );
    const big = await file([...Array(4).keys()].map(() => [Buffer.of(), payload]));
    let turns = 0;
    let ticking = setImmediate(function tick() {
      turns++;
      ticking = setImmediate(tick);
    });
    const texts = [...Array(60).keys()].map((n) => `"ab${n}"`).join(" or ");
    const before = process.cpuUsage();
    await search([big], needles(`${texts} or udp matches "a[ab]{14}c"`));
    clearImmediate(ticking);
    const { user, system } = process.cpuUsage(before);
    const took = (user + system) / 1000;
    assert.ok(took > 20, `too quick to tell: ${took} ms`);
    // Every 5 ms, and a slow machine is given some room.
    assert.ok(turns > took / 30, `${turns} turns in ${took} ms`);
  });
});
