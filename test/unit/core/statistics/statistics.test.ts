import assert from "node:assert/strict";
import fc from "fast-check";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { RowList } from "../../../../extension/core/capture/row_list.ts";
import { atOnce } from "../../../../extension/core/capture/steps.ts";
import { type CaptureSink, Direction } from "../../../../extension/core/files/capture_sink.ts";
import {
  ByConversation,
  ByEndpoint,
  ByPort,
  type Grouping,
} from "../../../../extension/core/statistics/grouping.ts";
import {
  Statistics,
  type StatisticsOptions,
} from "../../../../extension/core/statistics/statistics.ts";
import type { StatisticsTable } from "../../../../extension/core/statistics/statistics_table.ts";
import { type Endpoint, formatEndpoint } from "../../../../extension/core/wire/endpoint.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";
import { AFTER_ALL, Reading, readAtOnce } from "../capture/reading.ts";
import { worlds } from "../capture/worlds.ts";

const START = 1_700_000_000_000_000;
const SERVER = { address: "127.0.0.1", port: 9999 };
const CLIENT = { address: "127.0.0.1", port: 53211 };

const GROUPINGS: Readonly<Record<string, (capture: Capture) => Grouping>> = {
  conversation: (capture) => new ByConversation(capture),
  endpoint: (capture) => new ByEndpoint(capture),
  port: () => new ByPort(),
};

function countOf(
  capture: Capture,
  grouping: Grouping,
  options: StatisticsOptions = {},
): StatisticsTable {
  const statistics = new Statistics(capture, new RowList(capture), grouping, options);
  atOnce(statistics.updating());
  return statistics.table();
}

/** A capture of one file in which somebody tells of several sockets. */
class Told {
  readonly capture = new Capture();
  readonly #sinks = new Map<string, CaptureSink>();
  #offset = 0;

  /** The file of a program whose socket is bound to an end; only a tap tells a direction. */
  #sink(local: Endpoint): CaptureSink {
    const name = formatEndpoint(local);
    const known = this.#sinks.get(name);
    if (known) return known;
    const sink = new FileSink({
      capture: this.capture,
      file: this.capture.addFile(name),
      writer: name,
      clearedBefore: 0,
      startedAt: START - 1,
    });
    const description = `app.ts, pid ${this.#sinks.size + 1}, socket 1`;
    sink.interface({ id: 0, name, description, comments: [] });
    this.#sinks.set(name, sink);
    return sink;
  }

  datagram(
    recorder: Endpoint,
    direction: Direction,
    [source, destination]: readonly [Endpoint, Endpoint],
    at: number,
    payload = `${this.#offset}`,
  ): void {
    const { length } = payload;
    this.#offset += 100;
    this.#sink(recorder).datagram(
      datagramRecord(source, destination, {
        direction,
        time: START + at,
        bytes: Uint8Array.of(
          ...source.address.split(".").map(Number),
          ...destination.address.split(".").map(Number),
          ...Buffer.from(payload),
        ),
        payload: 8,
        payloadFileOffset: this.#offset,
        capturedLength: length,
        length,
      }),
    );
  }

  /** Sent by one tapped socket and, unless it was lost, received by another. */
  passed(from: Endpoint, to: Endpoint, at: number, took: number | "lost", payload: string): void {
    this.datagram(from, Direction.out, [from, to], at, payload);
    if (took !== "lost") this.datagram(to, Direction.in, [from, to], at + took, payload);
  }

  done(): Capture {
    this.capture.commit();
    this.capture.settle(AFTER_ALL);
    return this.capture;
  }
}

describe("Statistics", () => {
  for (const [name, groupingOf] of Object.entries(GROUPINGS)) {
    it(`do not depend on the order of files and pieces, nor on what was counted in between, by ${name}`, () => {
      fc.assert(
        fc.property(
          worlds,
          fc.infiniteStream(fc.nat(1000)),
          fc.constantFrom(1, 3, 1000),
          (files, dice, mostGroups) => {
            const roll = (below: number) => (dice.next().value ?? 0) % below;
            const reading = new Reading();
            const rows = new RowList(reading.capture);
            const options = { mostGroups, rowsAtOnce: 2 };
            const grouping = groupingOf(reading.capture);
            const statistics = new Statistics(reading.capture, rows, grouping, options);
            const left = new Map(files.map((file) => [file, file.steps.length]));
            while (left.size > 0) {
              const open = [...left.keys()];
              const file = open[roll(open.length)] ?? assert.fail();
              const steps = 1 + roll(6);
              reading.read([file, steps]);
              const rest = (left.get(file) ?? 0) - steps;
              if (rest > 0) left.set(file, rest);
              else left.delete(file);
              if (roll(2) === 0) reading.commit();
              // Some steps, or all of them: then they are what they would be, had they begun now.
              let limit = roll(8);
              for (const _ of statistics.updating()) if (limit-- === 0) break;
              if (limit < 0) continue;
              const now = countOf(reading.capture, groupingOf(reading.capture), { mostGroups });
              assert.deepEqual(statistics.table(), now);
            }
            reading.noticeDeaths(files);
            reading.commit();
            reading.capture.settle(AFTER_ALL);
            atOnce(statistics.updating());
            const other = readAtOnce(files).capture;
            const expected = countOf(other, groupingOf(other), { mostGroups });
            assert.deepEqual(statistics.table(), expected);
          },
        ),
        { numRuns: 300 },
      );
    });
  }

  it("count the same after what was recorded first was given up", () => {
    fc.assert(
      fc.property(worlds, fc.nat(10), (files, which) => {
        const reading = readAtOnce(files);
        const rows = new RowList(reading.capture);
        const grouping = new ByConversation(reading.capture);
        const statistics = new Statistics(reading.capture, rows, grouping, { rowsAtOnce: 2 });
        atOnce(statistics.updating());
        const file = files[which % Math.max(1, files.length)];
        const { length } = reading.capture;
        if (file) reading.drop(file);
        // A file without datagrams has taken its sockets along: nobody is told what that changes elsewhere.
        fc.pre(reading.capture.length < length);
        atOnce(statistics.updating());
        const expected = countOf(reading.capture, new ByConversation(reading.capture));
        assert.deepEqual(statistics.table(), expected);
      }),
      { numRuns: 200 },
    );
  });

  it("tell both ways of a conversation, what was lost, and how long answers took", () => {
    const told = new Told();
    for (let index = 0; index < 10; index++) {
      const at = index * 2_000_000;
      told.passed(CLIENT, SERVER, at, index === 4 ? "lost" : 100, `request ${index}`);
      if (index !== 4) told.passed(SERVER, CLIENT, at + 300, 100, `answer ${index}`);
    }
    const { rows, total, others } = countOf(told.done(), new ByConversation(told.capture));
    assert.equal(others, undefined);
    assert.deepEqual(total, { datagrams: 19, bytes: 90 + 72, lost: 1, duplicates: 0 });
    const [row] = rows;
    assert.ok(row && rows.length === 1);
    assert.deepEqual([row.name, row.peer], ["127.0.0.1:53211", "127.0.0.1:9999"]);
    assert.deepEqual(row.datagrams, { forward: 10, back: 9 });
    assert.deepEqual(row.bytes, { forward: 90, back: 72 });
    assert.deepEqual(row.lost, { forward: 1, back: 0 });
    assert.equal(row.rate, 0.5);
    assert.equal(row.share, 1);
    assert.equal(row.interval?.min, 2_000_000);
    assert.equal(row.interval?.deviation, 0);
    assert.equal(row.answers?.count, 9);
    assert.ok(Math.abs((row.answers?.median ?? 0) - 400) <= 400 / 128);
    assert.deepEqual(row.jitter, { last: 0, max: 0, mean: 0 });
    assert.equal(row.filter, "addr:127.0.0.1:53211 addr:127.0.0.1:9999");
  });

  it("take a socket that is bound to all addresses for the end that its peer knows", () => {
    const wide = { address: "0.0.0.0", port: 9999 };
    const wideClient = { address: "0.0.0.0", port: 53211 };
    const told = new Told();
    const send = (at: number, text: string, isLost: boolean) => {
      told.datagram(wideClient, Direction.out, [wideClient, SERVER], at, text);
      if (!isLost) told.datagram(wide, Direction.in, [CLIENT, wide], at + 50, text);
    };
    send(0, "first", true);
    send(1_000, "second", false);
    told.datagram(wide, Direction.out, [wide, CLIENT], 2_000, "answer");
    told.datagram(wideClient, Direction.in, [SERVER, wideClient], 2_050, "answer");
    const capture = told.done();
    const { rows } = countOf(capture, new ByConversation(capture));
    assert.deepEqual(
      rows.map(({ name, peer, datagrams, filter }) => [name, peer, datagrams, filter]),
      [["127.0.0.1:53211", "127.0.0.1:9999", { forward: 2, back: 1 }, "port:53211 port:9999"]],
    );
    const ends = countOf(capture, new ByEndpoint(capture)).rows;
    assert.deepEqual(
      ends.map(({ name, datagrams, lost }) => [name, datagrams, lost]),
      [
        ["127.0.0.1:53211", { forward: 2, back: 1 }, { forward: 1, back: 0 }],
        ["127.0.0.1:9999", { forward: 1, back: 2 }, { forward: 0, back: 1 }],
      ],
    );
  });

  it("count together what is beyond the groups that are told apart", () => {
    const told = new Told();
    for (let index = 0; index < 50; index++) {
      const from = { address: "10.0.0.1", port: 1000 + (index % 10) };
      told.datagram(SERVER, Direction.in, [from, SERVER], index * 1000, "x");
    }
    const capture = told.done();
    const { rows, others, total } = countOf(capture, new ByConversation(capture), {
      mostGroups: 3,
    });
    assert.deepEqual(
      rows.map(({ name }) => name),
      ["10.0.0.1:1000", "10.0.0.1:1001", "10.0.0.1:1002"],
    );
    const counted = rows.reduce(
      (sum, { datagrams }) => sum + datagrams.forward + datagrams.back,
      0,
    );
    const { forward = 0, back = 0 } = others?.datagrams ?? {};
    assert.deepEqual([counted, forward + back, total.datagrams], [15, 35, 50]);
  });

  it("look at each new row once, and at a part of the others where the last ones are told otherwise", () => {
    const told = new Told();
    const add = (from: number, to: number) => {
      for (let index = from; index < to; index++) {
        told.datagram(SERVER, Direction.in, [CLIENT, SERVER], index * 100, "x");
      }
      told.capture.commit();
    };
    add(0, 40_000);
    const rows = new RowList(told.capture);
    let asked = 0;
    const counted = {
      get length() {
        return rows.length;
      },
      idAt: (row: number) => {
        asked++;
        return rows.idAt(row);
      },
      takeFirstChanged: () => rows.takeFirstChanged(),
    };
    const statistics = new Statistics(told.capture, counted, new ByConversation(told.capture), {
      rowsAtOnce: 1000,
    });
    atOnce(statistics.updating());
    assert.equal(asked, 40_000);
    add(40_000, 41_000);
    atOnce(statistics.updating());
    assert.ok(asked <= 43_000, `${asked}`);
    rows.invalidate(START + 40_500 * 100);
    asked = 0;
    atOnce(statistics.updating());
    assert.ok(asked > 0 && asked <= 3_000, `${asked}`);
    assert.equal(statistics.table().total.datagrams, 41_000);
    assert.equal(statistics.table().rows[0]?.datagrams.forward, 41_000);
  });

  it("find gaps in a field that counts, of what came", () => {
    const told = new Told();
    for (let index = 1; index <= 100; index++) {
      told.passed(CLIENT, SERVER, index * 1000, index % 10 === 0 ? "lost" : 20, `number ${index}`);
    }
    const capture = told.done();
    const numbers = new Map<number, number>();
    const rows = new RowList(capture);
    for (let row = 0; row < rows.length; row++) numbers.set(rows.idAt(row), row + 1);
    const [row] = countOf(capture, new ByConversation(capture), {
      numberOf: (id) => numbers.get(id),
    }).rows;
    assert.deepEqual(row?.sequence, {
      first: 1,
      last: 99,
      numbered: 90,
      missing: 9,
      repeated: 0,
      late: 0,
      restarts: 0,
    });
  });
});
