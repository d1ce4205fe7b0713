import assert from "node:assert/strict";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { Delivery } from "../../../../extension/core/capture/delivery.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { Refusals } from "../../../../extension/core/capture/refusals.ts";
import { Direction, type Refusal } from "../../../../extension/core/files/capture_sink.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";
import { readable } from "./reading.ts";

const HERE = { address: "10.0.0.5", port: 53211 };
const THERE = { address: "10.0.0.9", port: 9999 };
const LOOPBACK = { address: "127.0.0.1", port: 9999 };
const TAP = "refused: ECONNREFUSED";

describe("a refused datagram", () => {
  let capture: Capture;
  let sink: FileSink;
  let offset: number;

  beforeEach(() => {
    capture = readable();
    sink = fileSink();
    offset = 0;
  });

  function fileSink(clearedBefore = 0): FileSink {
    const file = capture.addFile("capture.pcapng");
    const made = new FileSink({ capture, file, writer: "w", clearedBefore, isForeign: true });
    made.section({ application: "", os: "", comments: [] });
    made.interface({ id: 0, name: "eth0", description: "", comments: [] });
    return made;
  }

  function send(at: number, text: string, to = THERE, direction: Direction = Direction.unknown) {
    sink.datagram(record(at, text, to, { direction }));
  }

  /** @param quoted characters of the payload */
  function refuse(at: number, text: string, to = THERE, rest: Rest = {}) {
    const { quoted = text.length, refusal = "port", ...more } = rest;
    const whole = record(at, text, to, { direction: Direction.unknown, ...more });
    sink.refusal({ ...whole, capturedLength: quoted }, refusal);
  }

  type Rest = {
    quoted?: number;
    refusal?: Refusal;
    direction?: Direction;
    comment?: string;
  };

  function record(at: number, text: string, to: typeof THERE, rest: object) {
    const length = text.length;
    const time = 1e15 + at * 1000;
    const extra = { time, capturedLength: length, length, payloadFileOffset: ++offset, ...rest };
    const made = datagramRecord(HERE, to, extra);
    made.bytes.set(Buffer.from(text), made.payload);
    return made;
  }

  /** What the rows tell, in the order of time. */
  function told(): string[] {
    capture.commit();
    capture.settle(2e15);
    return Array.from({ length: capture.length }, (_, position) => {
      const id = capture.idAt(position);
      if (capture.delivery(id) !== Delivery.refused) return "-";
      const { refusal, isUnsure } = capture.refusal(id) ?? assert.fail();
      return `${refusal}${isUnsure ? "?" : ""}`;
    });
  }

  it("is found by both ends, its length and what is quoted of it", () => {
    for (const [at, text] of ["one", "two", "three", "four"].entries()) send(at, text);
    send(4, "two", LOOPBACK);
    refuse(10, "two");
    assert.deepEqual(told(), ["-", "port", "-", "-", "-"]);
    refuse(11, "four", THERE, { quoted: 0, refusal: "host" });
    assert.deepEqual(told(), ["-", "port", "-", "host", "-"]);
    // Of another end, of another length, and of what was sent later or long before.
    refuse(12, "one", { ...THERE, port: 1 });
    refuse(12, "seven");
    refuse(12, "One");
    refuse(-1, "three");
    refuse(20_000, "three");
    assert.deepEqual(told(), ["-", "port", "-", "host", "-"]);
  });

  it("is of several equal ones the latest that no other message is about, which is unsure", () => {
    for (const at of [0, 1, 2]) send(at, "ping");
    refuse(10, "ping");
    assert.deepEqual(told(), ["-", "-", "port?"]);
    refuse(11, "ping");
    refuse(12, "ping", THERE, { refusal: "prohibited" });
    assert.deepEqual(told(), ["prohibited", "port?", "port?"]);
    refuse(13, "ping");
    assert.deepEqual(told(), ["prohibited", "port?", "port?"]);
  });

  it("is for certain the last one that went to the machine itself", () => {
    for (const at of [0, 1]) send(at, "ping", LOOPBACK);
    refuse(2, "ping", LOOPBACK);
    assert.deepEqual(told(), ["-", "port"]);
  });

  it("is, as far as a tap knows, the last one that was sent, whatever was in it", () => {
    send(0, "first", THERE, Direction.out);
    send(1, "second", THERE, Direction.out);
    const byTap = { quoted: 0, comment: TAP, direction: Direction.in };
    refuse(2, "second", THERE, byTap);
    assert.deepEqual(told(), ["-", "port?"]);
    assert.equal(capture.otherPackets.notUdp, 0, "what a tap has made is no packet");
    refuse(3, "zz", LOOPBACK);
    assert.equal(capture.otherPackets.notUdp, 1);
  });

  it("came in where the message went out, and the other way round", () => {
    send(0, "in", THERE, Direction.in);
    send(1, "out", THERE, Direction.out);
    refuse(2, "out", THERE, { direction: Direction.out });
    refuse(2, "in", THERE, { direction: Direction.in });
    assert.deepEqual(told(), ["-", "-"]);
    refuse(3, "in", THERE, { direction: Direction.out });
    refuse(3, "out", THERE, { direction: Direction.in });
    assert.deepEqual(told(), ["port", "port"]);
  });

  it("is told as soon as there is somebody who looks for it, and not of a file that is gone by then", () => {
    capture = new Capture();
    sink = fileSink();
    const other = fileSink();
    assert.equal(capture.needsRefusals, false);
    send(0, "ping");
    send(1, "pong");
    refuse(2, "ping");
    other.refusal(record(3, "pong", THERE, { direction: Direction.unknown }), "host");
    assert.deepEqual(told(), ["-", "-"]);
    assert.equal(capture.needsRefusals, true);
    capture.dropFiles(new Set([1]));
    capture.findRefusals(Refusals);
    assert.deepEqual([told(), capture.needsRefusals], [["port", "-"], false]);
  });

  it("is counted for its socket and its peer, until it is cleared", () => {
    const [socket] = capture.sockets;
    assert.ok(socket);
    const counts = () => [
      capture.refusals?.countOfSocket(socket.place),
      ...capture.peers.of(socket.place).latest.map(({ sent, refused }) => [sent, refused]),
    ];
    send(0, "ping");
    send(1, "pong");
    refuse(2, "pong");
    told();
    assert.deepEqual(counts(), [1, [2, 1]]);
    capture.clear();
    assert.deepEqual(counts(), [0]);
    // As where the file is read anew: what was before is not told again.
    sink = fileSink(offset);
    offset = 0;
    send(0, "ping");
    refuse(2, "ping");
    assert.deepEqual([told(), counts()], [[], [0]]);
  });

  it("is told anew when files go", () => {
    send(0, "ping");
    refuse(1, "ping");
    const first = capture.addFile("first");
    assert.deepEqual(told(), ["port"]);
    sink = fileSink();
    send(2, "pong");
    assert.deepEqual(told(), ["port", "-"]);
    refuse(3, "pong");
    assert.deepEqual(told(), ["port", "port"]);
    capture.dropFiles(new Set([0]));
    assert.deepEqual(told(), ["port"]);
    assert.ok(first > 0);
  });

  it("costs as much as there are of them", () => {
    const steps = (count: number) => {
      capture = readable();
      sink = fileSink();
      offset = 0;
      const counted = countingCalls(capture.datagrams, "time");
      for (let at = 0; at < count; at++) {
        send(at, "equal");
        send(at, "other");
        refuse(at, "equal");
        refuse(at, "nobody");
        if (at % 10 === 0) capture.commit();
      }
      capture.commit();
      assert.equal(told().filter((one) => one !== "-").length, count);
      return counted();
    };
    const [few, many] = [steps(500), steps(2000)];
    assert.ok(many < few * 5, `${few} looks at 500, ${many} at 2,000`);
  });

  it("costs as much as there are of them, also where a file tells the latest first", () => {
    const steps = (count: number) => {
      capture = readable();
      sink = fileSink();
      offset = 0;
      const counted = countingCalls(capture.datagrams, "time");
      for (let at = 0; at < count; at++) send(at, "equal", LOOPBACK);
      for (let at = count; at-- > 0; ) {
        refuse(at, "equal", LOOPBACK);
        if (at % 100 === 0) capture.commit();
      }
      assert.equal(told().filter((one) => one !== "-").length, count);
      return counted();
    };
    const [few, many] = [steps(8000), steps(32_000)];
    assert.ok(many < few * 5, `${few} looks at 8,000, ${many} at 32,000`);
  });
});

/** How often a method was called since. */
function countingCalls<K extends string>(object: Record<K, (id: number) => number>, name: K) {
  const original = object[name].bind(object);
  let calls = 0;
  object[name] = (id) => {
    calls++;
    return original(id);
  };
  return () => calls;
}
