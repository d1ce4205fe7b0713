import assert from "node:assert/strict";
import fc from "fast-check";
import { curveOverTime, gapMarks } from "../../../../extension/core/series/curve.ts";
import { NumberColumn } from "../../../../extension/core/series/number_column.ts";
import { SampleState, sampleNumber } from "../../../../extension/core/series/number_sink.ts";
import { SeriesTable } from "../../../../extension/core/series/series_table.ts";
import { RunningSummary } from "../../../../extension/core/series/summary.ts";

/** A datagram of a made-up capture; `values`: by field, several where there are several. */
interface Told {
  readonly id: number;
  readonly time: number;
  readonly sender: string;
  readonly isLost: boolean;
  readonly values: Readonly<Record<string, number | readonly number[]>>;
}

function read(table: SeriesTable, { id, time, sender, values }: Told): void {
  const series = table.begin(id, time, table.senderOf(sender));
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "number") series?.number(name, sampleNumber(value, false));
    else
      series?.samples(
        name,
        value.map((one) => sampleNumber(one, false)),
      );
  }
}

/** Shows datagrams that have all been read, in the order of their time. */
function show(table: SeriesTable, shown: readonly Told[]): void {
  for (const { id, time, sender, isLost } of shown) {
    if (isLost) table.gap(id, time, "lost", table.senderOf(sender));
    else table.show(id);
  }
}

/** All that is told of a table, so that two can be compared: exactly. */
function told(table: SeriesTable, from: number, to: number) {
  const senders = [...table.senders].sort((one, other) => (one.name < other.name ? -1 : 1));
  return senders.flatMap((sender) => {
    const columns = [...sender.columns.values()].filter(
      (column) => column.lastBefore(sender.length, sender) >= 0,
    );
    columns.sort((one, other) => (one.name < other.name ? -1 : 1));
    const marks = gapMarks(sender, from, to);
    if (columns.length === 0 && marks.length === 0) return [];
    return {
      name: sender.name,
      marks,
      missing: sender.missing?.runs.filter(({ count }) => count > 0).map(({ first }) => first),
      fields: columns.map((column) => {
        const sum = new RunningSummary();
        column.addTo(sum, sender, 0, sender.length);
        return {
          name: column.name,
          summary: sum.summary,
          last: column.value(sender.at(column.lastBefore(sender.length, sender))),
          curve: curveOverTime(sender, column, from, to, 37),
        };
      }),
    };
  });
}

const number = fc.oneof(
  fc.double({ noNaN: false, noDefaultInfinity: false }),
  fc.integer({ min: -5, max: 1000 }),
  fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 9 }),
);
const capture = (most: number) =>
  fc
    .array(
      fc.record({
        time: fc.integer({ min: 0, max: 2000 }),
        sender: fc.constantFrom("127.0.0.1:1", "127.0.0.1:2"),
        isLost: fc.integer({ min: 0, max: 9 }).map((value) => value === 0),
        values: fc.dictionary(fc.constantFrom("a", "b", "seq"), number, { maxKeys: 3 }),
      }),
      { maxLength: most },
    )
    .map((all): Told[] =>
      all
        .map((one, id) => ({ ...one, id }))
        .sort((one, other) => one.time - other.time || one.id - other.id),
    );

describe("the numbers of a capture", () => {
  it("are the same whichever datagram was read first, and however often rows were arranged anew", () => {
    fc.assert(
      fc.property(
        capture(700),
        fc.array(fc.record({ upTo: fc.nat(700), cut: fc.integer({ min: -1, max: 2001 }) }), {
          maxLength: 8,
        }),
        fc.func(fc.integer()),
        (all, turns, mixed) => {
          const opened = new SeriesTable();
          for (const one of all) read(opened, one);
          show(opened, all);

          const live = new SeriesTable();
          const unread = [...all].sort((one, other) => mixed(one.id) - mixed(other.id));
          let shown: Told[] = [];
          for (const { upTo, cut } of turns) {
            for (const one of unread.splice(0, upTo)) if (!live.has(one.id)) read(live, one);
            live.truncate(cut);
            shown = shown.filter(({ time }) => time < cut);
            const has = all.filter(({ id, time }) => live.has(id) && time >= cut);
            // What comes is behind what is there, until it is cut.
            const last = shown.at(-1)?.time ?? -1;
            const next = has.filter(({ time }) => time > last);
            show(live, next);
            shown = [...shown, ...next];
          }
          for (const one of unread) read(live, one);
          live.truncate(Number.NEGATIVE_INFINITY);
          show(live, all);
          assert.deepEqual(told(live, 0, 2000), told(opened, 0, 2000));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("are, after some were given up, what they would be without these", () => {
    fc.assert(
      fc.property(capture(500), fc.nat(500), fc.boolean(), (all, firstId, isAgain) => {
        const table = new SeriesTable();
        for (const one of all) read(table, one);
        show(table, all);
        told(table, 0, 2000);
        const left = all.filter(({ id }) => id >= firstId);
        table.keep(firstId, (id) => id >= firstId);
        for (const one of left) if (!one.isLost || isAgain) assert.ok(table.has(one.id));
        for (const one of all) if (one.id < firstId) assert.ok(!table.has(one.id));
        show(table, left);
        const without = new SeriesTable();
        for (const one of left) read(without, one);
        show(without, left);
        assert.deepEqual(told(table, 0, 2000), told(without, 0, 2000));
      }),
      { numRuns: 60 },
    );
  });

  it("keep their blocks right when the order is cut within one and goes on otherwise", () => {
    const table = new SeriesTable();
    const datagram = (id: number, value: number): Told => ({
      ...{ id, time: id, sender: "a", isLost: false, values: { x: value } },
    });
    const all = Array.from({ length: 3000 }, (_, id) => datagram(id, id % 7));
    for (const one of all) read(table, one);
    show(table, all);
    told(table, 0, 3000);
    table.truncate(1100);
    // Every second one is shown now.
    const rest = all.slice(1100).filter(({ id }) => id % 2 === 0);
    show(table, rest);
    const without = new SeriesTable();
    const kept = [...all.slice(0, 1100), ...rest];
    for (const one of kept) read(without, one);
    show(without, kept);
    assert.deepEqual(told(table, 0, 3000), told(without, 0, 3000));
  });

  it("count what is left out where there are too many senders or fields", () => {
    const table = new SeriesTable(2, 3);
    for (let id = 0; id < 10; id++) {
      const values = { [`f${id}`]: 1, x: id };
      read(table, { id, time: id, sender: `s${id % 3}`, isLost: false, values });
      assert.ok(table.has(id));
    }
    assert.deepEqual(
      table.senders.map(({ name }) => name),
      ["s0", "s1"],
    );
    assert.equal(table.refusedDatagrams, 3);
    const columns = table.senders.reduce((sum, sender) => sum + sender.columns.size, 0);
    assert.equal(columns, 3);
    assert.equal(table.refusedNumbers, 14 - 3 - 3);
    // Whose datagrams are all gone makes room for others.
    table.keep(9, (id) => id >= 9);
    assert.notEqual(table.senderOf("s7"), undefined);
  });

  it("cost a sample once, however often they are summed up while others come", () => {
    const looks = (count: number) => {
      const column = new NumberColumn("x");
      let asked = 0;
      const order = {
        length: count,
        at(position: number) {
          asked++;
          return position;
        },
      };
      for (let row = 0; row < count; row++) {
        column.setNumber(row, row, SampleState.finite);
        if (row % 64 !== 0) continue;
        column.addTo(new RunningSummary(), order, 0, row + 1);
      }
      return asked;
    };
    assert.ok(looks(16_000) <= 4.2 * looks(4000), `${looks(16_000)} and ${looks(4000)}`);
  });
});
