import assert from "node:assert/strict";
import fc from "fast-check";
import {
  COPY_AS,
  type CopiedDatagram,
  type CopiedFate,
} from "../../../../extension/core/export/copy_as.ts";
import { ladderOf } from "../../../../extension/core/export/ladder.ts";

const CLIENT = { address: "127.0.0.1", port: 48760 };
const SERVER = { address: "127.0.0.1", port: 7777 };
const DEVICE = { address: "fe80::1", port: 5683 };
const START = 1_764_504_193_161_000;

const utf8 = new TextEncoder();

function datagram(at: number, change: Partial<CopiedDatagram> = {}): CopiedDatagram {
  const payload = change.payload ?? utf8.encode("ping");
  const ends = { source: CLIENT, destination: SERVER };
  return { time: START + at, ...ends, length: payload.length, payload, ...change };
}

const back = { source: SERVER, destination: CLIENT };
const EXCHANGE = [
  datagram(0, { fate: "delivered", took: 39_000 }),
  datagram(200, { fate: "lost" }),
  datagram(400, { ...back, payload: utf8.encode("ack 1") }),
];

/** Payloads and comments that somebody wrote to be more than text. */
const hostile = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "| a | b |",
    "`x` ``y`` |",
    "<script>alert(1)</script>",
    "a;b#35;\nend\nparticipant x",
    "-->]]>&quot;",
    "\\|\\`",
  ),
);
const FATES: readonly CopiedFate[] = ["sent", "delivered", "lost", "dropped", "refused", "failed"];
const datagrams = fc.array(
  fc.record({
    text: hostile,
    comment: hostile,
    fate: fc.constantFrom(...FATES),
    ends: fc.constantFrom(
      { source: CLIENT, destination: SERVER },
      back,
      { source: DEVICE, destination: SERVER },
      { source: CLIENT, destination: CLIENT },
    ),
  }),
  { minLength: 1, maxLength: 30 },
);
type Drawn = typeof datagrams extends fc.Arbitrary<infer List> ? List : never;

function made(drawn: Drawn): CopiedDatagram[] {
  return drawn.map(({ text, comment, fate, ends }, index) =>
    datagram(index * 100, { ...ends, fate, comment, payload: utf8.encode(text) }),
  );
}

describe("a ladder", () => {
  it("has the ends as they appear, and each datagram once", () => {
    const { ends, rungs, left } = ladderOf([...EXCHANGE, datagram(600, { source: DEVICE })]);
    assert.deepEqual(ends, ["127.0.0.1:48760", "127.0.0.1:7777", "[fe80::1]:5683"]);
    assert.deepEqual(
      rungs.map(({ from, to, fate, at, took }) => [from, to, fate, at, took]),
      [
        [0, 1, "delivered", 0, 39_000],
        [0, 1, "lost", 200, undefined],
        [1, 0, "sent", 400, undefined],
        [2, 1, "sent", 600, undefined],
      ],
    );
    assert.equal(left, 0);
  });

  it("tells of many alike in a row only the first and the last", () => {
    const lost = Array.from({ length: 193 }, (_, index) => datagram(index * 200, { fate: "lost" }));
    const { rungs } = ladderOf([...lost, datagram(40_000)]);
    assert.deepEqual(
      rungs.map(({ count, at, until }) => [count, at, until]),
      [
        [1, 0, 0],
        [1, 200, 200],
        [190, 400, 38_200],
        [1, 38_400, 38_400],
        [1, 40_000, 40_000],
      ],
    );
  });

  it("counts what it leaves out, whatever there is", () => {
    fc.assert(
      fc.property(fc.nat(2000), (count) => {
        const all = Array.from({ length: count }, (_, index) =>
          datagram(index, index % 2 === 0 ? {} : back),
        );
        const { rungs, left } = ladderOf(all);
        assert.equal(
          rungs.reduce((sum, { count: of }) => sum + of, left),
          count,
        );
        assert.ok(rungs.length <= 300);
      }),
      { numRuns: 20 },
    );
  });

  it("is a sequence diagram of Mermaid", () => {
    assert.equal(
      COPY_AS.mermaid(EXCHANGE),
      [
        "sequenceDiagram",
        "    participant p1 as 127.0.0.1:48760",
        "    participant p2 as 127.0.0.1:7777",
        "    p1->>p2: +0.000 ms · 4 B · ping · delivered 39 ms",
        "    p1--xp2: +0.200 ms · 4 B · ping · lost",
        "    p2->>p1: +0.400 ms · 5 B · ack 1",
        "",
      ].join("\n"),
    );
  });

  it("has in Mermaid a line for each rung, whatever payloads hold", () => {
    fc.assert(
      fc.property(datagrams, (drawn) => {
        const all = made(drawn);
        const { ends, rungs } = ladderOf(all);
        const lines = COPY_AS.mermaid(all).trimEnd().split("\n");
        assert.equal(lines.length, 1 + ends.length + rungs.length);
        for (const line of lines.slice(1 + ends.length)) {
          assert.match(line, /^ {4}(?:p\d+(?:->>|--x)p\d+|Note over p\d+(?:,p\d+)?): \S/);
          assert.doesNotMatch(line.replace(/->>|#\d+;/g, ""), /[#;<>"`]/);
        }
      }),
    );
  });

  it("is a picture of shapes and text alone, whatever payloads hold", () => {
    fc.assert(
      fc.property(datagrams, (drawn) => {
        const svg = COPY_AS.svg(made(drawn));
        const tag = /<(?:\/?svg|\/?title|\/?text|rect|path)(?: [a-zA-Z-]+="[^"<>&]*")*\/?>/g;
        const rest = svg
          .replace(/ xmlns="[^"]*"/, "")
          .replace(tag, "")
          .replace(/&#\d+;/g, "");
        assert.doesNotMatch(rest, /[<>&"']/);
        assert.equal(svg.match(/<text /g)?.length, svg.match(/<\/text>/g)?.length);
      }),
    );
  });

  it("shows in the picture a cross where something was lost, and an arrow elsewhere", () => {
    const svg = COPY_AS.svg(EXCHANGE);
    assert.equal(svg.match(/stroke-dasharray="5 3"/g)?.length, 1);
    assert.equal(svg.match(/fill="#1a7f37"\/>/g)?.length, 1, "there");
    assert.equal(svg.match(/fill="#8250df"\/>/g)?.length, 1, "and back");
    assert.match(svg, />delivered 39 ms</);
  });
});

describe("a table of Markdown", () => {
  it("has a row for each datagram, with what became of it", () => {
    const [head, rule, first, second] = COPY_AS.markdown(EXCHANGE).split("\n");
    assert.equal(head, "| Time (UTC) | From | To | Bytes | Payload | Note |");
    assert.equal(rule, "| --- | --- | --- | --: | --- | --- |");
    assert.equal(
      first,
      "| 2025-11-30 12:03:13.161000 | 127.0.0.1:48760 | 127.0.0.1:7777 | 4 | `ping` | delivered 39 ms |",
    );
    assert.match(second ?? "", /\| lost \|$/);
  });

  it("has six cells in each row, and no markup in them, whatever payloads and comments hold", () => {
    fc.assert(
      fc.property(datagrams, (drawn) => {
        const lines = COPY_AS.markdown(made(drawn)).trimEnd().split("\n");
        assert.equal(lines.length, 2 + drawn.length);
        for (const line of lines) {
          // A row ends a cell at each pipe that has no backslash in front.
          assert.equal(line.match(/(?<!\\)\|/g)?.length, 7, line);
        }
      }),
    );
  });

  it("keeps code together, however many backticks it has", () => {
    const [, , line = ""] = COPY_AS.markdown([
      datagram(0, { payload: utf8.encode("a ``b`` |") }),
    ]).split("\n");
    assert.ok(line.includes("| ``` a ``b`` \\| ``` |"), line);
  });
});
