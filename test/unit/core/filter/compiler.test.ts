import assert from "node:assert/strict";
import fc from "fast-check";
import { Delivery } from "../../../../extension/core/capture/delivery.ts";
import type { Flow } from "../../../../extension/core/capture/flow_table.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { compileFilter, type Filter } from "../../../../extension/core/filter/compiler.ts";
import type { FilterRow, FilterSocket } from "../../../../extension/core/filter/row.ts";
import { parseAddress } from "../../../../extension/core/wire/address.ts";
import { parseRuleEffect } from "../../../../extension/core/wire/rule_effect.ts";
import { isNeedleIn } from "../../support/needles.ts";

/** A datagram in plain values, for the plain evaluator below. */
interface Plain {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly direction: Direction;
  readonly socket: number;
}

interface PlainRow {
  readonly flow: Plain;
  readonly other: Plain | undefined;
  readonly time: number;
  readonly payload: Buffer;
  readonly cut: number;
  readonly delivery: Delivery;
  readonly comment: string;
}

const FIRST_TIME = 1_700_000_000_123_456;
const SOCKETS: readonly FilterSocket[] = [
  {
    name: "127.0.0.1:9999",
    local: { address: "127.0.0.1", port: 9999 },
    program: { name: "udp_server.ts" },
  },
  { name: "[::1]:53", local: { address: "::1", port: 53 }, program: { name: "Dns.ts" } },
  { name: "eth0", local: undefined, program: { name: "" } },
];

const address = fc.constantFrom("127.0.0.1", "127.0.0.2", "10.1.2.3", "::1", "fe80::9");
const port = fc.constantFrom(0, 53, 9998, 9999, 10_000, 65_535);
const flow: fc.Arbitrary<Plain> = fc
  .record({
    source: address,
    destination: address,
    sourcePort: port,
    destinationPort: port,
    direction: fc.constantFrom(Direction.unknown, Direction.in, Direction.out),
    socket: fc.nat(SOCKETS.length - 1),
  })
  .filter(({ source, destination }) => source.includes(":") === destination.includes(":"));
const PIECES = ["Hello", "hello", "HELLO", " ", "Ä", "ä", "x", "\n", "lo", "a.b", "\xff\xfe"];
const payload = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 5 })
  .map((pieces) =>
    Buffer.concat(
      pieces.map((piece) => Buffer.from(piece, piece.startsWith("\xff") ? "latin1" : "utf8")),
    ),
  );
const comment = fc.constantFrom(
  "",
  "",
  "send failed: EMSGSIZE",
  "odd",
  "delayed 52.1 ms by a rule",
  "delayed 52.1 ms by a rule; bit 5 of the byte at offset 9 changed by a rule",
);
const row: fc.Arbitrary<PlainRow> = fc.record({
  flow,
  other: fc.option(flow, { nil: undefined }),
  time: fc.nat(3_000_000),
  payload,
  cut: fc.constantFrom(0, 0, 7),
  delivery: fc.constantFrom(...Object.values(Delivery)),
  comment,
});

/** A filter's text and what it means, side by side. */
interface Condition {
  readonly text: string;
  readonly holds: (row: PlainRow) => boolean;
}

const either = (holds: (flow: Plain) => boolean) => (row: PlainRow) =>
  holds(row.flow) || (row.other !== undefined && holds(row.other));
/** What a socket has recorded, and what was lost on its way there. */
const ofSocket = (number: number, isThere: (flow: Plain) => boolean) => (row: PlainRow) =>
  either(({ socket }) => socket === number)(row) ||
  ((row.delivery === Delivery.lost || row.delivery === Delivery.dropped) && isThere(row.flow));
const isTo = (to: string, at: number) => (flow: Plain) =>
  flow.destination === to && flow.destinationPort === at;
const length = (row: PlainRow) => row.payload.length + row.cut;
const seconds = (row: PlainRow) => row.time / 1e6;

const SIGNS: Record<string, (a: number, b: number) => boolean> = {
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
};
const WORDS: Record<string, string> = { ">": "gt", "<": "lt", ">=": "ge", "<=": "le" };
const sign = fc.constantFrom(...Object.keys(SIGNS));

/** Tests of an end, by their text. */
const end = fc.oneof(
  address.map((text) => ({ text, holds: (a: string, _p: number) => a === text })),
  port.map((number) => ({ text: `:${number}`, holds: (_a: string, p: number) => p === number })),
  fc.tuple(address, port).map(([host, number]) => ({
    text: host.includes(":") ? `[${host}]:${number}` : `${host}:${number}`,
    holds: (a: string, p: number) => a === host && p === number,
  })),
  fc.constantFrom(
    { text: "127.0.0.0/8", holds: (a: string) => a.startsWith("127.") },
    {
      text: "127.0.0.0/30:9999",
      holds: (a: string, p: number) => a.startsWith("127.") && p === 9999,
    },
    { text: "0.0.0.0/0", holds: (a: string) => !a.includes(":") },
    { text: "fe80::/10", holds: (a: string) => a.startsWith("fe80") },
    { text: "[fe80::]/10:53", holds: (a: string, p: number) => a.startsWith("fe80") && p === 53 },
    { text: "localhost", holds: (a: string) => a.startsWith("127.") || a === "::1" },
    { text: "9999..10000", holds: (_a: string, p: number) => p === 9999 || p === 10_000 },
  ),
);

const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.tuple(fc.constantFrom("from", "to", "addr", "peer"), end).map(([name, { text, holds }]) => ({
    text: `${name}:${text}`,
    holds:
      name === "peer"
        ? ({ flow }: PlainRow) =>
            flow.direction === Direction.in
              ? holds(flow.source, flow.sourcePort)
              : holds(flow.destination, flow.destinationPort)
        : either(
            (flow) =>
              (name !== "to" && holds(flow.source, flow.sourcePort)) ||
              (name !== "from" && holds(flow.destination, flow.destinationPort)),
          ),
  })),
  port.map((number) => ({
    text: `port:${number}`,
    holds: either((flow) => flow.sourcePort === number || flow.destinationPort === number),
  })),
  fc.constantFrom("port", "udp.port", "udp.srcport", "udp.dstport").chain((name) =>
    fc.tuple(port, sign, fc.boolean()).map(([number, text, inWords]) => ({
      text: name === "port" ? `port:${text}${number}` : comparison(name, text, number, inWords),
      holds: either(
        (flow) =>
          (name !== "udp.dstport" && compares(text, flow.sourcePort, number)) ||
          (name !== "udp.srcport" && compares(text, flow.destinationPort, number)),
      ),
    })),
  ),
  fc.tuple(port, fc.constantFrom("!=", "ne")).map(([number, text]) => ({
    text: `udp.port ${text} ${number}`,
    holds: (row: PlainRow) =>
      !either((flow) => flow.sourcePort === number || flow.destinationPort === number)(row),
  })),
  fc.constantFrom(
    {
      text: "udp.port in {53, 9990..9998}",
      holds: either((flow) =>
        [53, 9998].some((p) => p === flow.sourcePort || p === flow.destinationPort),
      ),
    },
    {
      text: "udp.srcport not in {53 9990 .. 9998}",
      holds: (row: PlainRow) => !either((flow) => [53, 9998].includes(flow.sourcePort))(row),
    },
    { text: "dir:in", holds: (row: PlainRow) => row.flow.direction === Direction.in },
    { text: "dir:out", holds: (row: PlainRow) => row.flow.direction === Direction.out },
  ),
  fc
    .tuple(address, fc.constantFrom("addr", "src", "dst"), fc.constantFrom("==", "!="))
    .map(([text, name, operator]) => {
      const family = text.includes(":") ? "ipv6" : "ip";
      const equal = either(
        (flow) =>
          (name !== "dst" && flow.source === text) || (name !== "src" && flow.destination === text),
      );
      const exists = either((flow) => flow.source.includes(":") === text.includes(":"));
      return {
        text: `${family}.${name} ${operator} ${text}`,
        holds: (row: PlainRow) => (operator === "==" ? equal(row) : exists(row) && !equal(row)),
      };
    }),
  fc
    .tuple(fc.constantFrom("len:", "data.len ", "udp.length "), sign, fc.nat(30))
    .map(([name, text, number]) => ({
      text: `${name}${text}${number}`,
      holds: (row: PlainRow) =>
        compares(text, length(row) + (name === "udp.length " ? 8 : 0), number),
    })),
  fc.tuple(fc.nat(20), fc.nat(20)).map(([a, b]) => ({
    text: `len:${Math.min(a, b)}..${Math.max(a, b)}`,
    holds: (row: PlainRow) => length(row) >= Math.min(a, b) && length(row) <= Math.max(a, b),
  })),
  fc
    .tuple(fc.constantFrom("time:", "frame.time_relative"), sign, fc.nat(3_000_000))
    .map(([name, text, micros]) => ({
      text: `${name}${text}${(micros / 1e6).toFixed(6)}`,
      holds: (row: PlainRow) => compares(text, row.time, micros),
    })),
  fc.nat(30).map((tenths) => ({
    text: `time:${(tenths / 10).toFixed(1)}`,
    holds: (row: PlainRow) => Math.floor(seconds(row) * 10 + 1e-7) === tenths,
  })),
  fc.tuple(sign, fc.nat(3_000_000)).map(([text, micros]) => ({
    text: `frame.time_epoch ${text} ${String(FIRST_TIME + micros).replace(/(\d{6})$/, ".$1")}`,
    holds: (row: PlainRow) => compares(text, row.time, micros),
  })),
  fc.constantFrom<Condition>(
    { text: "is:delivered", holds: ({ delivery }) => delivery === Delivery.delivered },
    { text: "is:lost", holds: ({ delivery }) => delivery === Delivery.lost },
    { text: "is:unclear", holds: ({ delivery }) => delivery === Delivery.unclear },
    { text: "is:duplicate", holds: ({ delivery }) => delivery === Delivery.duplicate },
    { text: "is:failed", holds: (row) => row.comment.startsWith("send failed") },
    { text: "is:cut", holds: ({ cut }) => cut > 0 },
    {
      text: "is:sent",
      holds: (row) =>
        row.delivery === Delivery.pending ||
        (row.delivery === Delivery.alone &&
          row.flow.direction === Direction.out &&
          !row.comment.startsWith("send failed")),
    },
    {
      text: "is:received",
      holds: (row) =>
        row.delivery === Delivery.copy ||
        (row.delivery === Delivery.alone && row.flow.direction === Direction.in),
    },
    { text: "socket:9999", holds: ofSocket(0, (to) => to.destinationPort === 9999) },
    { text: "socket:127.0.0.1:9999", holds: ofSocket(0, isTo("127.0.0.1", 9999)) },
    { text: "socket:[::1]:53", holds: ofSocket(1, isTo("::1", 53)) },
    { text: "socket:::1", holds: ofSocket(1, (to) => to.destination === "::1") },
    { text: "socket:ETH0", holds: () => false },
    { text: 'socket:"eth0"', holds: either(({ socket }) => socket === 2) },
    { text: "program:.ts", holds: either(({ socket }) => socket < 2) },
    { text: "program:dns", holds: either(({ socket }) => socket === 1) },
    { text: "program:Dns", holds: either(({ socket }) => socket === 1) },
    { text: "program:DNS", holds: () => false },
    { text: "comment:emsgsize", holds: (row) => row.comment.includes("EMSGSIZE") },
    { text: 'comment:"failed: E"', holds: (row) => row.comment.includes("EMSGSIZE") },
    { text: 'frame.comment contains "EMSG"', holds: (row) => row.comment.includes("EMSG") },
    { text: "frame.comment contains emsg", holds: () => false },
    { text: 'frame.comment matches "^send.*emsg"', holds: (row) => row.comment.includes("EMSG") },
    { text: 'frame.comment != "odd"', holds: (row) => !["", "odd"].includes(row.comment) },
    { text: 'frame.comment in {"odd" x}', holds: (row) => row.comment === "odd" },
    { text: "frame.comment", holds: (row) => row.comment !== "" },
    { text: "frame.interface_name == eth0", holds: either(({ socket }) => socket === 2) },
  ),
  fc.constantFrom<Condition>(
    { text: '"Hello"', holds: has("Hello") },
    { text: '"hello"', holds: hasInAnyCase("hello") },
    { text: '"lo x"', holds: hasInAnyCase("lo x") },
    { text: '"o\\nh"', holds: hasInAnyCase("o\nh") },
    { text: '"ä"', holds: hasInAnyCase("ä") },
    { text: '"Ä"', holds: has("Ä") },
    { text: '"lo"', holds: hasInAnyCase("lo") },
    { text: '"\\xff\\xfe"', holds: ({ payload }) => payload.includes(Buffer.of(0xff, 0xfe)) },
    { text: 'hex:"48 65"', holds: has("He") },
    { text: "hex:4865", holds: has("He") },
    { text: "hex:0A", holds: has("\n") },
    { text: "data.data contains 48:65", holds: has("He") },
    { text: 'udp contains "lo"', holds: has("lo") },
    { text: "udp contains lo", holds: has("lo") },
    { text: 'data.text contains "hello"', holds: has("hello") },
    { text: 'udp.payload matches "h.l+o$"', holds: matches(/h.l+o\n?$/i) },
    { text: 'data.data ~ r"^a\\.b"', holds: matches(/^a\.b/i) },
    { text: 'udp matches "(?-i)O|x"', holds: matches(/O|x/) },
    { text: "udp.payload[0:2] == 48:65", holds: matches(/^He/) },
    { text: "udp.payload[1] != 65", holds: (row) => length(row) > 0 && row.payload[1] !== 0x65 },
    { text: 'data == "Hello"', holds: matches(/^Hello$(?!\n)/) },
  ),
);

function comparison(name: string, text: string, number: number, inWords: boolean): string {
  return inWords ? `${name} ${WORDS[text]} ${number}` : `${name}${text}${number}`;
}

function compares(text: string, a: number, b: number): boolean {
  return SIGNS[text]?.(a, b) ?? assert.fail(text);
}

function has(text: string): (row: PlainRow) => boolean {
  return ({ payload }) => payload.includes(Buffer.from(text));
}

function hasInAnyCase(text: string): (row: PlainRow) => boolean {
  return ({ payload }) => payload.toString().toLowerCase().includes(text);
}

function matches(pattern: RegExp): (row: PlainRow) => boolean {
  return ({ payload }) => pattern.test(payload.toString("latin1"));
}

/** Conditions put together, with as many parentheses as it takes and sometimes more. */
const { filter } = fc.letrec<{ filter: Condition; term: Condition }>((tie) => ({
  term: fc.oneof(
    { weight: 4, arbitrary: condition },
    {
      weight: 1,
      arbitrary: fc.tuple(tie("filter"), fc.constantFrom("()", "( )")).map(([inner, style]) => ({
        text: style === "()" ? `(${inner.text})` : `( ${inner.text} )`,
        holds: inner.holds,
      })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(tie("term"), fc.constantFrom("-", "!", "! ", "not ", "NOT ")).map(
        ([inner, sign]): Condition => ({
          text: `${sign}${inner.text}`,
          holds: (row) => !inner.holds(row),
        }),
      ),
    },
  ),
  filter: fc
    .array(
      fc.tuple(
        fc.array(fc.tuple(tie("term"), fc.constantFrom(" ", " and ", " && ", "  AND ")), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.constantFrom(" or ", " || ", " OR "),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((alternatives) => ({
      text: alternatives
        .map(([terms, or], index) => {
          const all = terms.map(([{ text }, and], at) => (at === 0 ? text : `${and}${text}`));
          return `${index === 0 ? "" : or}${all.join("")}`;
        })
        .join(""),
      holds: (row: PlainRow) =>
        alternatives.some(([terms]) => terms.every(([term]) => term.holds(row))),
    })),
}));

function compiled(text: string): Filter {
  const result = compileFilter(text);
  if ("problem" in result) return assert.fail(`${text}: ${JSON.stringify(result.problem)}`);
  return result.filter;
}

/** The rows as a filter sees them: flows get their numbers here. */
function filterRows(rows: readonly PlainRow[]): FilterRow[] {
  const flows = new Map<string, Flow>();
  const flowOf = (plain: Plain): Flow => {
    const key = JSON.stringify(plain);
    const known = flows.get(key) ?? {
      id: flows.size,
      socket: plain.socket,
      direction: plain.direction,
      sourceAddress: parseAddress(plain.source) ?? assert.fail(),
      sourcePort: plain.sourcePort,
      destinationAddress: parseAddress(plain.destination) ?? assert.fail(),
      destinationPort: plain.destinationPort,
      tunnel: "",
    };
    flows.set(key, known);
    return known;
  };
  return rows.map((row) => ({
    flow: flowOf(row.flow),
    otherFlow: row.other && flowOf(row.other),
    time: FIRST_TIME + row.time,
    firstTime: FIRST_TIME,
    length: length(row),
    capturedLength: row.payload.length,
    delivery: row.delivery,
    comment: row.comment,
    ruleEffects: [parseRuleEffect(row.comment)].flatMap((effect) => (effect ? [{ effect }] : [])),
  }));
}

/** Which rows a filter shows. */
function shown(
  text: string,
  rows: readonly PlainRow[],
  seen: readonly FilterRow[] = filterRows(rows),
): boolean[] {
  const { needles, rowTest } = compiled(text);
  const test = rowTest((socket) => SOCKETS[socket] ?? assert.fail());
  return seen.map((row, index) =>
    test(row, (number) => {
      const needle = needles[number] ?? assert.fail(`needle ${number}`);
      return isNeedleIn(needle, rows[index]?.payload ?? assert.fail());
    }),
  );
}

/** A datagram on its way from 127.0.0.1:53211 to 10.1.2.3:9999. */
const ONE: PlainRow = {
  flow: {
    source: "127.0.0.1",
    sourcePort: 53_211,
    destination: "10.1.2.3",
    destinationPort: 9999,
    direction: Direction.out,
    socket: 0,
  },
  other: undefined,
  time: 0,
  payload: Buffer.from("Hello"),
  cut: 0,
  delivery: Delivery.alone,
  comment: "",
};

/** Whether a filter shows {@link ONE} where it is changed so. */
function shows(
  text: string,
  { flow, ...rest }: Partial<Omit<PlainRow, "flow">> & { flow?: Partial<Plain> },
): boolean {
  const [answer] = shown(text, [{ ...ONE, ...rest, flow: { ...ONE.flow, ...flow } }]);
  return answer ?? assert.fail();
}

describe("what a value of a filter stands for", () => {
  it("times, to the microsecond; a bare one is all that rounds down to it", () => {
    for (const [value, inside, outside] of [
      ["1", [1_000_000, 1_999_999], [999_999, 2_000_000]],
      ["1.5", [1_500_000, 1_599_999], [1_499_999, 1_600_000]],
      ["=1.5", [1_500_000, 1_599_999], [1_499_999, 1_600_000]],
      ["==.25", [250_000, 259_999], [249_999, 260_000]],
      ["0.000001", [1], [0, 2]],
      ["0.0000010", [1], [0, 2]],
      ["20us", [20], [19, 21]],
      ["20µs", [20], [19, 21]],
      ["2ms", [2000, 2999], [1999, 3000]],
      ["2.5ms", [2500, 2599], [2499, 2600]],
      ["2s", [2_000_000, 2_999_999], [1_999_999, 3_000_000]],
      ["2m", [120_000_000, 179_999_999], [119_999_999, 180_000_000]],
      ["1.5h", [5_400_000_000, 5_759_999_999], [5_399_999_999, 5_760_000_000]],
      ["1.5..2", [1_500_000, 2_000_000], [1_499_999, 2_000_001]],
      ["1ms..", [1000, 2_000_000], [999]],
      ["..1ms", [0, 1000], [1001]],
      [">1.5", [1_500_001], [1_500_000]],
      [">=1.5", [1_500_000], [1_499_999]],
      ["<1.5", [1_499_999], [1_500_000]],
      ["<=1.5", [1_500_000], [1_500_001]],
    ] as const) {
      for (const time of inside) assert.ok(shows(`time:${value}`, { time }), `${value}: ${time}`);
      for (const time of outside) assert.ok(!shows(`time:${value}`, { time }), `${value}: ${time}`);
    }
    for (const [value, time] of [
      ["1.5", 1_500_000],
      ["1.1", 1_100_000],
      ["2ms", 2000],
      ["0.000003s", 3],
      ["1m", 60_000_000],
    ] as const) {
      const text = `frame.time_relative == ${value}`;
      assert.ok(shows(text, { time }), text);
      for (const other of [time - 1, time + 1]) assert.ok(!shows(text, { time: other }), text);
    }
  });

  it("numbers, decimal or hexadecimal, alone or in ranges with both ends", () => {
    for (const [value, inside, outside] of [
      ["16", [16], [15, 17]],
      ["0x10", [16], [15, 17]],
      ["=16", [16], [15, 17]],
      ["==16", [16], [15, 17]],
      ["10..12", [10, 12], [9, 13]],
      ["12..12", [12], [11, 13]],
      ["10..", [10, 60_000], [9]],
      ["..10", [0, 10], [11]],
      ["4294967295", [], [0, 65_507]],
      ["0xffffffff", [], [0, 65_507]],
    ] as const) {
      const show = (length: number) => shows(`len:${value}`, { cut: length - ONE.payload.length });
      for (const length of inside) assert.ok(show(length), `${value}: ${length}`);
      for (const length of outside) assert.ok(!show(length), `${value}: ${length}`);
    }
  });

  it("sets of numbers and ranges, however they are spaced", () => {
    for (const set of ["{1..5}", "{1 .. 5}", "{1.. 5}", "{1 ..5}", "{ 9, 1..5 }", "{1 2,3 4  5}"]) {
      const show = (sourcePort: number, not = "") =>
        shows(`udp.srcport ${not}in ${set}`, { flow: { sourcePort } });
      for (const port of [1, 2, 5]) assert.ok(show(port) && !show(port, "not "), `${port} ${set}`);
      for (const port of [0, 6]) assert.ok(!show(port) && show(port, "not "), `${port} ${set}`);
    }
  });

  it("addresses, prefixes and ranges of them", () => {
    for (const [condition, inside, outside] of [
      ["== 10.0.0.4/30", ["10.0.0.4", "10.0.0.7"], ["10.0.0.3", "10.0.0.8", "::a00:4"]],
      ["!= 10.0.0.4/30", ["10.0.0.3", "10.0.0.8"], ["10.0.0.4", "10.0.0.7", "::1"]],
      ["> 10.0.0.4/30", ["10.0.0.8", "11.0.0.0"], ["10.0.0.7", "9.255.0.0"]],
      [">= 10.0.0.4/30", ["10.0.0.4", "10.0.0.8"], ["10.0.0.3"]],
      ["< 10.0.0.4/30", ["10.0.0.3", "9.0.0.9"], ["10.0.0.4"]],
      ["<= 10.0.0.4/30", ["10.0.0.7", "10.0.0.3"], ["10.0.0.8"]],
      ["== 10.128.0.0/9", ["10.128.0.0", "10.255.255.255"], ["10.127.255.255", "11.128.0.0"]],
      ["== 0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::"]],
      ["== 10.0.0.4/32", ["10.0.0.4"], ["10.0.0.3", "10.0.0.5"]],
      [
        "in {10.0.0.2..10.0.0.4, 127.0.0.0/8}",
        ["10.0.0.2", "10.0.0.4", "127.255.255.255"],
        ["10.0.0.1", "10.0.0.5", "128.0.0.0"],
      ],
      ["in {10.0.0.2..10.0.0.2}", ["10.0.0.2"], ["10.0.0.1", "10.0.0.3"]],
    ] as const) {
      for (const place of ["src", "dst"] as const) {
        const text = `ip.${place} ${condition}`;
        const show = (address: string) =>
          shows(text, {
            flow: { [place === "src" ? "source" : "destination"]: address },
          });
        for (const address of inside) assert.ok(show(address), `${text}: ${address}`);
        for (const address of outside) {
          // Both ends of a flow are of one family.
          const flow = { source: address, destination: address };
          assert.ok(
            !(address.includes(":") ? shows(text, { flow }) : show(address)),
            `${text}: ${address}`,
          );
        }
      }
    }
    for (const [text, inside, outside] of [
      ["ipv6.src == fe80::/10", ["fe80::", "febf:ffff::9"], ["fe7f::1", "fec0::", "127.0.0.1"]],
      ["ipv6.src in {::1..::3}", ["::1", "::3"], ["::", "::4"]],
      ["ipv6.src > ::1/127", ["::2"], ["::1", "::"]],
      ["from:fe80::/10", ["fe80::", "febf:ffff::9"], ["fe7f::1", "fec0::", "127.0.0.1"]],
      ["from:::/0", ["::", "ffff::"], ["127.0.0.1"]],
      ["from:localhost", ["127.0.0.1", "127.9.9.9", "::1"], ["126.0.0.1", "128.0.0.1", "::2"]],
      ["from:LocalHost:7", ["127.0.0.1", "::1"], ["10.0.0.1"]],
      ["from:127.0.0.0/8:7", ["127.0.0.1"], ["10.0.0.1", "::1"]],
      ["from:[::1]:7", ["::1"], ["::2", "127.0.0.1"]],
      ["from:[::1]/127:1..7", ["::", "::1"], ["::2"]],
      ["from::7", ["::", "10.0.0.1"], []],
      ["from:..7", ["::", "10.0.0.1"], []],
      ["from::8", [], ["10.0.0.1"]],
      ["from:>6", ["::", "10.0.0.1"], []],
      ["from:>=8", [], ["10.0.0.1"]],
      ["from:127.0.0.1:<8", ["127.0.0.1"], ["10.0.0.1"]],
      ["from:[::1]:8", [], ["::1"]],
    ] as const) {
      const show = (address: string) =>
        shows(text, { flow: { source: address, destination: address, sourcePort: 7 } });
      for (const address of inside) assert.ok(show(address), `${text}: ${address}`);
      for (const address of outside) assert.ok(!show(address), `${text}: ${address}`);
    }
  });

  it("parts of a payload, as Wireshark counts them", () => {
    const payload = Buffer.from("0123456789");
    for (const [slice, part] of [
      ["[0]", "0"],
      ["[9]", "9"],
      ["[0:2]", "01"],
      ["[3:2]", "34"],
      ["[:3]", "012"],
      ["[7:]", "789"],
      ["[2-4]", "234"],
      ["[4-4]", "4"],
    ] as const) {
      assert.ok(shows(`udp.payload${slice} == "${part}"`, { payload }), slice);
      assert.ok(!shows(`udp.payload${slice} != "${part}"`, { payload }), slice);
      assert.ok(!shows(`udp.payload${slice} == "${part}0"`, { payload }), `${slice}, longer`);
      assert.ok(!shows(`udp.payload${slice} == "x${part.slice(1)}"`, { payload }), `not ${slice}`);
    }
    assert.ok(!shows('udp.payload[8:] == "8"', { payload }), "longer than the value");
    assert.ok(!shows('udp.payload[9:2] == "9"', { payload }), "not wholly there");
  });

  it("texts: of a comment, as it stands, and none where there is no comment", () => {
    for (const [condition, inside, outside] of [
      ['== "odd"', ["odd"], ["", "Odd", "oddly"]],
      ['!= "odd"', ["Odd", "oddly"], ["", "odd"]],
      ['contains "dd"', ["odd", "oddly"], ["", "ODD"]],
      ['matches "^O.d$"', ["odd", "Odd"], ["", "oddly"]],
      ['in {"odd", even}', ["odd", "even"], ["", "oddly"]],
      ["", ["odd"], [""]],
    ] as const) {
      const text = `frame.comment ${condition}`;
      for (const comment of inside) assert.ok(shows(text, { comment }), `${text}: ${comment}`);
      for (const comment of outside) assert.ok(!shows(text, { comment }), `${text}: ${comment}`);
    }
  });

  it("payloads: without quotes bytes, where they can be read as such", () => {
    for (const [condition, inside, outside] of [
      ["== 4865", ["He"], ["4865", "Hey"]],
      ['== "4865"', ["4865"], ["He"]],
      ["== 486", ["486"], ["H\x06"]],
      ["!= 4865", ["4865", "Hey"], ["He", ""]],
      ["contains 48:65", ["He", "Hey"], ["48:65"]],
      ['contains "48:65"', ["48:65"], ["He"]],
      ['in {4865 "x"}', ["He", "x"], ["4865", "xx"]],
      ['in {"\\x41"}', ["A"], ["\\x41"]],
      ['matches "4865"', ["4865"], ["He"]],
      ["~ 4865", ["4865"], ["He"]],
    ] as const) {
      const text = `udp.payload ${condition}`;
      const show = (payload: string) => shows(text, { payload: Buffer.from(payload) });
      for (const payload of inside) assert.ok(show(payload), `${text}: ${payload}`);
      for (const payload of outside) assert.ok(!show(payload), `${text}: ${payload}`);
    }
  });

  it("quoted texts, with the escapes of a row's preview", () => {
    for (const [text, payload, other] of [
      ['"a\\nb"', "a\nb", "anb"],
      ['"a\\rb"', "a\rb", "a\x0eb"],
      ['"a\\tb"', "a\tb", "a\nb"],
      ['"a\\\\b"', "a\\b", "ab"],
      ['"a\\"b"', 'a"b', "ab"],
      ['"a\\x7fb"', "a\x7fb", "ab"],
      ['"\\u{41}"', "A", "B"],
      ['"\\u{20ac}"', "€", "EUR"],
      ['"\\u{d7ff}"', "\ud7ff", "\ud7fe"],
      ['"\\u{e000}"', "\ue000", "\ue001"],
      ['"\\u{10ffff}"', "\u{10ffff}", "\u{10fffe}"],
      ['"\\u{feff}hello"', "\ufeffHello", "Hello"],
    ] as const) {
      assert.ok(shows(text, { payload: Buffer.from(payload) }), text);
      assert.ok(!shows(text, { payload: Buffer.from(other) }), `${text}: not ${other}`);
    }
  });

  it("regular expressions, whose escapes are their own", () => {
    for (const [expression, payload, other] of [
      ['"a\\.b"', "a.b", "axb"],
      ['"a\\\\.b"', "a.b", "axb"],
      ['r"a\\.b"', "a.b", "axb"],
      ['r"a\\\\.b"', "a\\xb", "a.b"],
      ['"a\\"b"', 'a"b', "ab"],
      ['r"a\\"b"', 'a"b', "ab"],
      ['"\\x41\\d"', "A1", "Ad"],
      ["a.b", "axb", "ab"],
    ] as const) {
      const text = `udp matches ${expression}`;
      assert.ok(shows(text, { payload: Buffer.from(payload) }), text);
      assert.ok(!shows(text, { payload: Buffer.from(other) }), `${text}: not ${other}`);
    }
  });

  it("bytes, however they are kept apart", () => {
    const payload = Buffer.from([0x48, 0x65, 0x6c]);
    for (const value of ["4865", "0x4865", "0X4865", "48:65", "48-65", "48.65", '"48 65"', "6C"]) {
      assert.ok(shows(`hex:${value}`, { payload }), value);
    }
    for (const value of ["6548", "48:66", "00", "654865"]) {
      assert.ok(!shows(`hex:${value}`, { payload }), value);
    }
  });
});

describe("qualifiers", () => {
  it("say of a datagram what became of it, and whether it was cut", () => {
    const states = [
      "sent",
      "received",
      "delivered",
      "lost",
      "unclear",
      "duplicate",
      "dropped",
      "failed",
      "delayed",
      "corrupted",
      "cut",
    ];
    const { in: received, out, unknown } = Direction;
    for (const [delivery, direction, rest, expected] of [
      [Delivery.pending, out, {}, "sent"],
      [Delivery.pending, received, {}, "sent"],
      [Delivery.alone, out, {}, "sent"],
      [Delivery.alone, out, { comment: "odd" }, "sent"],
      [Delivery.alone, out, { comment: "send failed: EMSGSIZE" }, "failed"],
      [Delivery.alone, received, {}, "received"],
      [Delivery.alone, received, { cut: 1 }, "received cut"],
      [Delivery.alone, unknown, {}, ""],
      [Delivery.delivered, out, {}, "delivered"],
      [Delivery.delivered, received, {}, "delivered"],
      [Delivery.lost, out, {}, "lost"],
      [Delivery.unclear, out, {}, "unclear"],
      [Delivery.duplicate, received, {}, "duplicate"],
      [Delivery.copy, received, {}, "received"],
      [Delivery.dropped, out, { comment: "dropped by a rule (drop)" }, "dropped"],
      [Delivery.dropped, received, { comment: "dropped by a rule (end)" }, "dropped"],
      [Delivery.delivered, out, { comment: "delayed 5.0 ms by a rule" }, "delivered delayed"],
      [
        Delivery.delivered,
        out,
        { comment: "bit 0 of the byte at offset 1 changed by a rule; a copy by a rule" },
        "delivered corrupted",
      ],
    ] as const) {
      const row = { ...rest, delivery, flow: { direction } };
      const found = states.filter((state) => shows(`is:${state}`, row));
      assert.equal(found.join(" "), expected, JSON.stringify(row));
    }
  });

  it("tell the ends of a datagram, of either record of it; the peer only as it is shown", () => {
    const other = { ...ONE.flow, source: "10.9.9.9", destination: "10.8.8.8", sourcePort: 1 };
    const { in: received, out, unknown } = Direction;
    for (const [text, direction, expected] of [
      ["from:127.0.0.1", out, true],
      ["from:10.1.2.3", out, false],
      ["from:10.9.9.9", out, true],
      ["to:10.1.2.3", out, true],
      ["to:127.0.0.1", out, false],
      ["to:10.8.8.8", out, true],
      ["addr:127.0.0.1", out, true],
      ["addr:10.1.2.3", out, true],
      ["addr:10.1.2.3:53211", out, false],
      ["addr:10.9.9.9:1", out, true],
      ["addr:10.7.7.7", out, false],
      ["port:53211", out, true],
      ["port:9999", out, true],
      ["port:2", out, false],
      ["peer:10.1.2.3:9999", out, true],
      ["peer:10.1.2.3:9999", unknown, true],
      ["peer:10.1.2.3:9999", received, false],
      ["peer:127.0.0.1:53211", received, true],
      ["peer:127.0.0.1:53211", out, false],
      ["peer:10.8.8.8", out, false],
      ["peer:10.9.9.9", received, false],
      ["dir:in", received, true],
      ["dir:in", out, false],
      ["dir:out", out, true],
      ["dir:out", unknown, false],
    ] as const) {
      assert.equal(shows(text, { other, flow: { direction } }), expected, `${text}, ${direction}`);
    }
  });

  it("tell the socket by its local end, or by a part of its name, and the program in smart case", () => {
    for (const [text, ...sockets] of [
      ["socket:127.0.0.0/8", 0],
      ["socket:localhost", 0, 1],
      ["socket:localhost:53", 1],
      ["socket::9999", 0],
      ["socket:9999", 0],
      ["socket:53", 1],
      ["socket:5"],
      ["socket:127.0.0.1:99"],
      ["socket:0::1", 1],
      ["socket:[::1]:53", 1],
      ["socket:eth", 2],
      ['socket:"eth0"', 2],
      ["socket:Eth"],
      ["program:.ts", 0, 1],
      ["program:UDP"],
      ["program:udp_s", 0],
      ["program:dns", 1],
      ["program:Dns", 1],
      ["program:DNS"],
    ] as const) {
      const found = [...SOCKETS.keys()].filter((socket) => shows(text, { flow: { socket } }));
      assert.deepEqual(found, sockets, text);
    }
  });
});

describe("what was lost", () => {
  const lost = (text: string, destination: string, delivery: Delivery = Delivery.lost) =>
    shows(text, { delivery, flow: { socket: 2, destination, destinationPort: 7777 } });

  it("belongs to the socket that it was sent to, and to no other", () => {
    assert.equal(lost("socket:127.0.0.1:7777", "127.0.0.1"), true);
    assert.equal(lost("socket:0.0.0.0:7777", "127.0.0.1"), true);
    assert.equal(lost("socket:[::]:7777", "127.0.0.1"), true);
    assert.equal(lost("socket:127.0.0.1:7778", "127.0.0.1"), false);
    assert.equal(lost("socket:127.0.0.2:7777", "127.0.0.1"), false);
    assert.equal(lost("-socket:127.0.0.1:7777", "127.0.0.1"), false);
    assert.equal(lost("socket:eth0", "127.0.0.1"), true);
    assert.equal(lost("socket:wlan0", "127.0.0.1"), false);
  });

  it("and nothing else that was sent there: its receipt is of the socket itself", () => {
    for (const delivery of Object.values(Delivery)) {
      const expected = delivery === Delivery.lost || delivery === Delivery.dropped;
      assert.equal(lost("socket:127.0.0.1:7777", "127.0.0.1", delivery), expected, `${delivery}`);
    }
  });
});

describe("compileFilter()", () => {
  it("shows what a plain reading of the filter shows, whatever is put together", () => {
    fc.assert(
      fc.property(filter, fc.array(row, { maxLength: 30 }), ({ text, holds }, rows) => {
        assert.deepEqual(shown(text, rows), rows.map(holds), text);
      }),
      { numRuns: 500 },
    );
  });

  it("tells each condition apart: every one shows some of many rows, and not all", () => {
    const rows = fc.sample(row, { numRuns: 300, seed: 5 });
    const filterable = filterRows(rows);
    const always = new Set(["socket:ETH0", "program:DNS", "frame.comment contains emsg"]);
    const conditions = fc.sample(condition, { numRuns: 2000, seed: 6 });
    const seen = new Map<string, { shows: boolean; hides: boolean }>();
    for (const text of new Set(conditions.map(({ text }) => text))) {
      const name = /^[a-z_.0-9]+[: ]?/i.exec(text)?.[0] ?? text;
      const state = seen.get(name) ?? { shows: always.has(text), hides: false };
      const all = shown(text, rows, filterable);
      seen.set(name, {
        shows: state.shows || all.includes(true),
        hides: state.hides || all.includes(false),
      });
    }
    assert.ok(seen.size > 25, String(seen.size));
    for (const [name, { shows, hides }] of seen) assert.ok(shows && hides, name);
  });

  it("shows all where there is no condition", () => {
    for (const text of ["", "  ", "\n"]) assert.equal(compiled(text).isEmpty, true);
    assert.equal(compiled("x").isEmpty, false);
    assert.deepEqual(shown("", fc.sample(row, 3)), [true, true, true]);
  });

  it("takes udp, ip and data for text, unless the filter is Wireshark's otherwise", () => {
    const texts = (text: string) => compiled(text).needles.length;
    assert.equal(texts("udp ip ipv6 data"), 4);
    assert.equal(texts("udp and ip"), 2);
    assert.equal(texts("made in china"), 3);
    assert.equal(texts("udp && ip"), 0);
    assert.equal(texts("ip or data or udp.port == 9"), 0);
    assert.equal(texts('"udp" && "ip"'), 2);
    const rows = fc.sample(row, { numRuns: 100, seed: 1 });
    const isFour = ({ flow, other }: PlainRow) =>
      !flow.source.includes(":") || (other !== undefined && !other.source.includes(":"));
    assert.deepEqual(shown("udp && ip", rows), rows.map(isFour));
    const isSix = ({ flow, other }: PlainRow) =>
      flow.source.includes(":") || other?.source.includes(":") === true;
    assert.deepEqual(shown("udp && ipv6", rows), rows.map(isSix));
    assert.deepEqual(
      shown("data && udp", rows),
      rows.map((row) => length(row) > 0),
    );
  });

  it("looks for each text once", () => {
    const { needles } = compiled(
      '"Hello" "hello" -"Hello" or "hello" or hex:48656c6c6f udp contains "Hello"',
    );
    assert.deepEqual(
      needles.map((needle) => ("text" in needle ? needle.text : needle.kind)),
      ["bytes", "hello"],
    );
  });

  it("knows each character's own cases, and no others", () => {
    const finds = (text: string, payload: string) => {
      const [needle] = compiled(text).needles;
      return needle !== undefined && isNeedleIn(needle, Buffer.from(payload));
    };
    for (const [text, payload] of [
      ["äöü", "xÄÖÜ"],
      ["ς", "Σ"],
      ["ς", "σ"],
      ["ÿ", "Ÿ"],
      ["ı", "I"],
      ["straße", "STRAßE"],
      ["привет", "ПРИВЕТ"],
      ["é1", "É1"],
    ] as const) {
      assert.ok(finds(text, payload), text);
      assert.ok(finds(text, text), text);
    }
    // The second byte of two letters, with the first of two others.
    assert.equal(finds("ÿ", "ø"), false);
    assert.equal(finds("ß", "ss"), false);
    assert.equal(finds("Ä", "ä"), false);
    assert.equal(finds("aÄ", "AÄ"), false);
    assert.equal(finds("i", "İ"), false);
  });

  it("tells what to mark: texts that have to be there, as printable as the preview", () => {
    const { highlights } = compiled('Hello -other not (gone or -back) "a\\nb\\\\" hex:"ff 41" x x');
    assert.deepEqual(highlights, [
      { text: "Hello", ignoreCase: false },
      { text: "back", ignoreCase: true },
      { text: "a\\nb\\\\", ignoreCase: true },
      { text: "\\xffA", ignoreCase: false },
      { text: "x", ignoreCase: true },
    ]);
  });

  it("tells what can change its answers later", () => {
    const depends = (text: string) => [...compiled(text).dependsOn];
    assert.deepEqual(depends("port:1 len:>1 is:lost frame.time_epoch > 1"), []);
    assert.deepEqual(depends("-(x or time:>1)"), ["firstTime"]);
    assert.deepEqual(depends("frame.time_relative > 1"), ["firstTime"]);
    assert.deepEqual(depends("socket:1"), ["sockets"]);
    assert.deepEqual(depends("program:x time:1"), ["sockets", "firstTime"]);
  });

  it("asks what is cheap first: the row, then its flow, then its payload", () => {
    for (const [text, expected] of [
      ["Hello len:1", ""],
      ["program:udp len:1", ""],
      ["-program:dns len:1", ""],
      ["Hello program:dns", "socket"],
      ["program:udp or len:5", ""],
      ["Hello or program:udp", "socket"],
      ["(Hello program:udp) -len:5", ""],
      ["(program:udp or port:1) Hello -len:5", ""],
      ["program:udp Hello", "socket payload"],
    ] as const) {
      const asked: string[] = [];
      const test = compiled(text).rowTest((socket) => {
        asked.push("socket");
        return SOCKETS[socket] ?? assert.fail();
      });
      const [row] = filterRows([ONE]);
      test(row ?? assert.fail(), () => asked.push("payload") > 0);
      assert.equal(asked.join(" "), expected, text);
    }
  });

  it("has a test without times only where there is a time", () => {
    assert.equal(compiled("dir:in x").rowTestOfAllTimes, undefined);
    assert.ok(compiled("dir:in time:1").rowTestOfAllTimes);
  });

  it("asks about a flow once, not once a row", () => {
    const test = compiled("program:dns").rowTest((socket) => {
      asked++;
      return SOCKETS[socket] ?? assert.fail();
    });
    let asked = 0;
    const [one] = filterRows(fc.sample(row, 1));
    assert.ok(one);
    const ids = [5000, ...Array(499).keys()];
    const rows = ids.map((id) => ({
      ...one,
      otherFlow: undefined,
      flow: { ...one.flow, id },
    }));
    const first = rows.map((row) => test(row, () => false));
    assert.equal(asked, 500);
    assert.deepEqual(
      rows.map((row) => test(row, () => false)),
      first,
    );
    assert.equal(asked, 500);
  });
});
