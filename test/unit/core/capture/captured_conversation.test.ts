import assert from "node:assert/strict";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import {
  type CapturedConversation,
  capturedConversation,
  conversationFilter,
  endsOf,
} from "../../../../extension/core/capture/captured_conversation.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { RowList } from "../../../../extension/core/capture/row_list.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { compileFilter } from "../../../../extension/core/filter/compiler.ts";
import { type Endpoint, formatEndpoint } from "../../../../extension/core/wire/endpoint.ts";
import { SEND_FAILED } from "../../../../extension/core/wire/tap_identity.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";

const server = { address: "127.0.0.1", port: 9999 };
const client = { address: "127.0.0.1", port: 53211 };
const START = 1_700_000_000_000_000;

/** A datagram as one end recorded it: when, in microseconds, and which payload (its digest). */
interface Recorded {
  readonly at: number;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly payload: number;
  readonly comment?: string;
}

/** A capture of what these sockets recorded; each is a file of its own, as each program's is. */
function captureOf(sockets: readonly { name: string; records: readonly Recorded[] }[]): Capture {
  const capture = new Capture();
  for (const [index, { name, records }] of sockets.entries()) {
    const sink = new FileSink({
      capture,
      file: capture.addFile(`file ${index}`),
      writer: `writer ${index}`,
      clearedBefore: 0,
    });
    sink.section({
      application: `node 24.0.0, pid ${index + 1}, ppid 1: x.ts`,
      os: "",
      comments: [],
    });
    sink.interface({
      id: 0,
      name,
      description: `x.ts, pid ${index + 1}, socket 1`,
      comments: [],
    });
    const port = Number(name.split(":").at(-1));
    const isIn = (from: Endpoint, to: Endpoint) =>
      from.port !== port || formatEndpoint(to) === name;
    for (const { at, from, to, payload, comment = "" } of records) {
      const direction = isIn(from, to) ? Direction.in : Direction.out;
      sink.datagram(
        datagramRecord(from, to, {
          time: START + at,
          direction,
          length: payload,
          capturedLength: payload,
          comment,
        }),
      );
    }
  }
  capture.commit();
  return capture;
}

/** What *Follow* makes of the conversation that a datagram belongs to. */
function follow(capture: Capture, id: number): CapturedConversation {
  const ends = endsOf(capture, id);
  const rows = new RowList(capture);
  const ids = Array.from({ length: rows.length }, (_, row) => rows.idAt(row)).filter((row) => {
    const flow = capture.flow(row);
    return (
      [flow.sourcePort, flow.destinationPort].sort().join() ===
      [ends.local.port, ends.peer.port].sort().join()
    );
  });
  rows.dispose();
  return capturedConversation(capture, ids, ends);
}

const ask = (at: number, payload: number): Recorded => ({ at, from: client, to: server, payload });
const answer = (at: number, payload: number): Recorded => ({
  at,
  from: server,
  to: client,
  payload,
});

describe("capturedConversation()", () => {
  it("measures the way there and back where the asking end was recorded", () => {
    const capture = captureOf([
      { name: "127.0.0.1:9999", records: [ask(200, 1), answer(300, 2)] },
      { name: "127.0.0.1:53211", records: [ask(0, 1), answer(600, 2)] },
    ]);
    for (const id of [0, 1, 2, 3]) {
      const { asking, answering, median, measuredAt, requests, answers } = follow(capture, id);
      assert.deepEqual([asking, answering], [client, server]);
      assert.deepEqual([median, measuredAt, requests, answers], [600, "asking", 1, 1]);
    }
  });

  it("is told by the socket that was there first, whichever end sent a datagram", () => {
    const capture = captureOf([
      { name: "127.0.0.1:9999", records: [ask(200, 1), answer(300, 2)] },
      { name: "127.0.0.1:53211", records: [ask(0, 1), answer(600, 2)] },
    ]);
    for (const sending of [1, 2]) {
      assert.deepEqual(endsOf(capture, sending), { local: server, peer: client });
    }
  });

  it("is not misled by a program that reads the clock a little early", () => {
    const early = -400;
    const capture = captureOf([
      { name: "127.0.0.1:9999", records: [ask(200 + early, 1), answer(300 + early, 2)] },
      { name: "127.0.0.1:53211", records: [ask(0, 1), answer(600, 2)] },
    ]);
    const { asking, median, ids } = follow(capture, 0);
    assert.deepEqual([asking, median], [client, 600]);
    assert.deepEqual(
      ids.map((id) => capture.wireLength(id)),
      [1, 2],
    );
  });

  it("measures what the answering end took where only that was recorded, and says so", () => {
    const records = [ask(200, 1), answer(300, 2), ask(900, 1), answer(950, 2)];
    const capture = captureOf([{ name: "0.0.0.0:9999", records }]);
    const { asking, answering, median, p99, measuredAt } = follow(capture, 0);
    assert.deepEqual([asking, answering.port], [client, 9999]);
    assert.deepEqual([median, p99, measuredAt], [50, 100, "answering"]);
  });

  it("does not call it the way there and back where the answer was not seen coming", () => {
    const capture = captureOf([
      { name: "127.0.0.1:9999", records: [ask(200, 1), answer(300, 2)] },
      { name: "127.0.0.1:53211", records: [ask(0, 1)] },
    ]);
    const { median, measuredAt } = follow(capture, 0);
    assert.deepEqual([median, measuredAt], [300, "answering"]);
  });

  it("does not claim an end where the capture does not tell the direction", () => {
    const capture = new Capture();
    const file = capture.addFile("tcpdump.pcap");
    const sink = new FileSink({ capture, file, writer: "any", clearedBefore: 0 });
    sink.interface({ id: 0, name: "any", description: "", comments: [] });
    for (const [from, to, at] of [
      [client, server, 0],
      [server, client, 400],
    ] as const) {
      const record = { time: START + at, direction: Direction.unknown, length: 1 + at };
      sink.datagram(datagramRecord(from, to, record));
    }
    capture.commit();
    const { median, measuredAt } = follow(capture, 0);
    assert.deepEqual([median, measuredAt], [400, undefined]);
  });

  it("counts a request that came twice as one", () => {
    const capture = captureOf([
      { name: "127.0.0.1:9999", records: [ask(200, 1), ask(250, 1), answer(300, 2)] },
      { name: "127.0.0.1:53211", records: [ask(0, 1), answer(600, 2)] },
    ]);
    const { requests, answers, median } = follow(capture, 0);
    assert.deepEqual([requests, answers, median], [1, 1, 600]);
  });

  it("counts what was lost, and what was never sent neither as asked nor as lost", () => {
    const capture = captureOf([
      { name: "127.0.0.1:9999", records: [ask(200, 1), answer(300, 2)] },
      {
        name: "127.0.0.1:53211",
        records: [
          ask(0, 1),
          answer(600, 2),
          ask(1000, 3),
          { ...ask(2000, 4), comment: `${SEND_FAILED}EMSGSIZE` },
        ],
      },
    ]);
    capture.settle(START + 10_000_000);
    const { requests, answers, lost, notSent } = follow(capture, 0);
    assert.deepEqual(
      { requests, answers, lost, notSent },
      { requests: 2, answers: 1, lost: 1, notSent: 1 },
    );
  });
});

describe("who asks", () => {
  it("is told by the local end, where the first datagrams of both cross", () => {
    const capture = captureOf([
      { name: "127.0.0.1:9999", records: [answer(0, 1), ask(300, 2)] },
      { name: "127.0.0.1:53211", records: [ask(100, 2), answer(200, 1)] },
    ]);
    assert.deepEqual(follow(capture, 0).asking, server);
  });

  it("is told by the addresses where both ports are the same", () => {
    const other = { ...server, address: "127.0.0.2" };
    const capture = captureOf([
      {
        name: "127.0.0.1:9999",
        records: [
          { at: 0, from: other, to: server, payload: 1 },
          { at: 50, from: server, to: other, payload: 2 },
        ],
      },
    ]);
    const { asking, answering, requests, answers, median } = follow(capture, 0);
    assert.deepEqual([asking, answering], [other, server]);
    assert.deepEqual([requests, answers, median], [1, 1, 50]);
  });
});

describe("conversationFilter()", () => {
  it("names both ends, and of a wildcard the port: the other end knows it by another address", () => {
    assert.equal(
      conversationFilter({ local: server, peer: client }),
      "addr:127.0.0.1:9999 addr:127.0.0.1:53211",
    );
    const any = { address: "::", port: 5683 };
    const peer = { address: "::1", port: 40112 };
    assert.equal(conversationFilter({ local: any, peer }), "port:5683 addr:[::1]:40112");
  });

  it("is a filter", () => {
    const any = { address: "0.0.0.0", port: 9999 };
    const peer = { address: "fe80::1", port: 1 };
    for (const local of [server, any, peer]) {
      assert.ok("filter" in compileFilter(conversationFilter({ local, peer })));
    }
  });
});
