import assert from "node:assert/strict";
import fc from "fast-check";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { parseEndpoint } from "../../../../extension/core/capture/captured_socket.ts";
import { Delivery } from "../../../../extension/core/capture/delivery.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { REACH } from "../../../../extension/core/capture/pairing.ts";
import { type CaptureSink, Direction } from "../../../../extension/core/files/capture_sink.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";

const server = { address: "127.0.0.1", port: 9999 };
const client = { address: "127.0.0.1", port: 53211 };

const SECTION = {
  application: "node 24.21.0, pid 4242, ppid 4200: /lesson/udp_server.ts --port 9999",
  os: "",
  comments: [],
};

describe("Capture", () => {
  let capture: Capture;

  beforeEach(() => {
    capture = new Capture();
  });

  /** A sink for one file of the server, which has told its program and its socket. */
  function serverFile(options: { clearedBefore?: number; name?: string } = {}): CaptureSink {
    const { clearedBefore = 0, name = "127.0.0.1:9999" } = options;
    const file = capture.addFile("server.pcapng");
    const sink = new FileSink({ capture, file, writer: "1-4242.0", clearedBefore });
    sink.section(SECTION);
    sink.interface({ id: 0, name, description: "udp_server.ts, pid 4242, socket 1", comments: [] });
    return sink;
  }

  /** A sink for the file of the client. */
  function clientFile(): CaptureSink {
    const file = capture.addFile("client.pcapng");
    const sink = new FileSink({ capture, file, writer: "client", clearedBefore: 0 });
    const description = "udp_client.ts, pid 4243, socket 1";
    sink.interface({ id: 0, name: "127.0.0.1:53211", description, comments: [] });
    return sink;
  }

  it("calls nothing lost that may be what a program has received without asking who has sent it", () => {
    const told = (from: typeof client) => {
      capture = new Capture();
      const ends = [clientFile(), serverFile()] as const;
      for (const sink of ends)
        sink.statistics({ id: 0, received: 0, dropped: 0, startTime: 1 }, 0, 1);
      const sent = { time: 5_000_000, direction: Direction.out, length: 4 };
      ends[0].datagram(datagramRecord(client, server, sent));
      const received = { time: 5_000_100, direction: Direction.in, length: 4 };
      ends[1].datagram(datagramRecord(from, server, received));
      capture.commit();
      capture.settle(20_000_000);
      return capture.delivery(capture.idAt(0));
    };
    assert.equal(told({ address: "0.0.0.0", port: 0 }), Delivery.alone);
    assert.equal(told({ address: "127.0.0.1", port: 7 }), Delivery.lost);
    assert.equal(told(client), Delivery.delivered);
  });

  it("knows the program and the local end of a socket", () => {
    serverFile();
    const [socket] = capture.sockets;
    assert.deepEqual(socket?.local, server);
    assert.equal(socket?.state, "bound");
    assert.deepEqual(socket?.program, {
      writer: "1-4242.0",
      name: "udp_server.ts",
      command: "/lesson/udp_server.ts --port 9999",
      runtime: "node 24.21.0",
      pid: 4242,
      ppid: 4200,
    });
  });

  it("takes the same socket in the next segment for the same", () => {
    const first = serverFile();
    first.datagram(datagramRecord(client, server));
    const second = serverFile();
    second.datagram(datagramRecord(client, server));
    assert.equal(capture.sockets.size, 1);
    assert.equal([...capture.sockets][0]?.received, 2);
    assert.equal(capture.flows.size, 1);
  });

  it("follows a socket that gets another local end", () => {
    const sink = serverFile({ name: "0.0.0.0:53211" });
    sink.interface({
      id: 1,
      name: "127.0.0.1:53211",
      description: "udp_server.ts, pid 4242, socket 1",
      comments: [],
    });
    assert.equal(capture.sockets.size, 1);
    assert.deepEqual([...capture.sockets][0]?.local, client);
  });

  it("shows records of two files in the order of their time, with ids that stay", () => {
    const sink = serverFile();
    sink.datagram(datagramRecord(client, server, { time: 30 }));
    assert.equal(capture.commit(), true);
    const late = capture.idAt(0);
    sink.datagram(datagramRecord(client, server, { time: 10, payloadFileOffset: 7 }));
    assert.equal(capture.length, 1, "it has no place before commit");
    assert.equal(capture.commit(), true);
    assert.equal(capture.commit(), false);
    assert.equal(capture.idAt(1), late);
    assert.equal(capture.time(capture.idAt(0)), 10);
    assert.deepEqual(capture.payloadPlace(capture.idAt(0)), { file: 0, offset: 7, length: 7 });
  });

  it("holds thousands of datagrams with all that is known of each", () => {
    const sink = serverFile();
    const numbers = Array.from({ length: 5000 }, (_, index) => index + 1);
    for (const number of numbers) {
      sink.datagram(
        datagramRecord({ ...client, port: number }, server, {
          time: number,
          payloadFileOffset: number * 3,
          length: number * 2,
          capturedLength: 1,
          bytes: Uint8Array.of(127, 0, 0, 1, 127, 0, 0, 1, number, number >> 8),
        }),
      );
      if (number % 999 === 0) capture.commit();
    }
    capture.commit();
    for (const [id, number] of numbers.entries()) {
      assert.equal(capture.idAt(id), id);
      assert.equal(capture.time(id), number);
      assert.equal(capture.flow(id).sourcePort, number);
      assert.deepEqual(capture.payloadPlace(id), { file: 0, offset: number * 3, length: 1 });
      assert.deepEqual([capture.wireLength(id), capture.capturedLength(id)], [number * 2, 1]);
      assert.equal(capture.delivery(id), Delivery.alone);
    }
    assert.equal(capture.endId, 5000);
    assert.throws(() => capture.time(5000), RangeError);
    assert.equal(new Set(numbers.map((_, id) => capture.digest(id))).size, numbers.length);
  });

  it("makes room in steps, and loses nothing by it", () => {
    const sink = serverFile();
    const read = (times: readonly number[]) => {
      for (const time of times) sink.datagram(datagramRecord(client, server, { time }));
      capture.commit();
    };
    read([1, 2, 3]);
    const { room } = capture.datagrams;
    for (const _ of capture.datagrams.growing(5));
    assert.equal(capture.datagrams.room, room, "there is more than that");
    for (const _ of capture.datagrams.growing(5000));
    assert.equal(capture.datagrams.room, 4997);
    read([4, 5]);
    assert.equal(capture.datagrams.room, 4995);
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((position) => capture.time(capture.idAt(position))),
      [1, 2, 3, 4, 5],
    );
  });

  it("makes room for flows, too, step by step, and finds them all again", () => {
    const record = datagramRecord(client, server);
    const flows = (count: number) =>
      Array.from({ length: count }, (_, n) =>
        capture.flows.idOf(n >> 16, { ...record, sourcePort: n & 0xffff }),
      );
    const steps = (count: number) => Array.from(capture.growing(0, count)).length;
    flows(2 ** 16);
    const some = steps(2 ** 17);
    const ids = flows(2 ** 18);
    const more = steps(2 ** 19);
    assert.ok(more > 2.5 * some, `${some} steps, then ${more} for four times as many`);
    assert.equal(capture.flows.room, 2 ** 18);
    assert.deepEqual(flows(2 ** 18), ids);
    assert.equal(steps(2 ** 19), 0);
  });

  it("pairs a few thousand datagrams at once, when the first is heard of who received them all", () => {
    const steps = (count: number) => {
      capture = new Capture();
      const sender = clientFile();
      const direction = Direction.out;
      for (let n = 0; n < count; n++) {
        sender.datagram(
          datagramRecord(client, server, { time: n, length: n, capturedLength: 0, direction }),
        );
      }
      capture.commit();
      serverFile().datagram(
        datagramRecord(client, server, { time: 10, length: 5, capturedLength: 0 }),
      );
      const { length } = Array.from(capture.committing());
      assert.equal(capture.folded, 1);
      return length;
    };
    const [some, more] = [steps(12_000), steps(48_000)];
    assert.ok(some >= 2 && more > 2.5 * some, `${some} steps, then ${more} for four times as many`);
  });

  it("makes room as soon as it is needed, for as many as there are besides, and not again before they have come", () => {
    const sink = serverFile();
    const receive = (count: number) => {
      const from = capture.flows.size;
      for (let n = from; n < from + count; n++) {
        sink.datagram(datagramRecord({ address: "127.0.0.1", port: n }, server));
      }
      capture.commit();
    };
    const copied = (more: number) => {
      const before = [capture.datagrams.room, capture.flows.room];
      Array.from(capture.makingRoom(more));
      return before.filter((room, at) => room !== [capture.datagrams.room, capture.flows.room][at]);
    };
    receive(5000);
    copied(capture.datagrams.room + 1);
    assert.ok(capture.datagrams.room > 5000 && capture.flows.room > 5000);
    assert.deepEqual(copied(5000), []);
    for (const size of [5001, 7000, 10_000]) {
      receive(size - capture.length);
      assert.ok(copied(3000).length === 0, `with ${size} datagrams`);
    }
    // As few as there may be flows, of which each chunk brings some.
    capture = new Capture();
    copied(2 ** 15);
    serverFile().datagram(datagramRecord(client, server));
    capture.commit();
    assert.deepEqual(copied(2 ** 15), []);
  });

  it("has the room again that the oldest file took, as soon as that is given up", () => {
    for (let file = 0; file < 4; file++) {
      const sink = serverFile();
      for (let n = 0; n < 100; n++) sink.datagram(datagramRecord(client, server));
      capture.commit();
    }
    const { room } = capture.datagrams;
    capture.dropFiles(new Set([0]));
    assert.deepEqual([capture.datagrams.room, capture.firstId], [room + 100, 100]);
    capture.dropFiles(new Set([2]));
    assert.deepEqual([capture.length, capture.firstId], [200, 100]);
  });

  it("asks of a few thousand datagrams or flows at once whether they are lost", () => {
    const steps = (count: number) => {
      capture = new Capture();
      const sink = clientFile();
      for (let n = 0; n < count; n++) {
        const peer = { address: `127.0.${n >> 8}.${n & 255}`, port: 9999 };
        sink.datagram(datagramRecord(client, peer, { time: n, direction: Direction.out }));
      }
      capture.commit();
      return Array.from(capture.settling(Number.POSITIVE_INFINITY)).length;
    };
    assert.deepEqual([steps(10_000), steps(40_000)], [4, 19]);
  });

  it("knows how long a payload is that is longer than 16 bits tell", () => {
    const sink = serverFile();
    // Jumbograms (RFC 2675).
    for (const length of [65_535, 65_536, 100_000]) {
      sink.datagram(datagramRecord(client, server, { length, capturedLength: length }));
    }
    capture.commit();
    for (const [id, length] of [65_535, 65_536, 100_000].entries()) {
      assert.deepEqual([capture.wireLength(id), capture.capturedLength(id)], [length, length]);
      assert.equal(capture.payloadPlace(id).length, length);
    }
  });

  it("clears the table, counts from 0 again, and never gives an id twice", () => {
    const sink = serverFile();
    sink.datagram(datagramRecord(client, server, { comment: "odd" }));
    capture.commit();
    const cleared = capture.idAt(0);
    capture.clear();
    assert.equal(capture.length, 0);
    assert.equal(capture.comment(cleared), "");
    assert.equal(capture.folded, 0);
    assert.equal(capture.has(cleared), false);
    assert.throws(() => capture.time(cleared), RangeError);
    assert.equal(capture.socket(0).received, 0);
    sink.datagram(datagramRecord(client, server));
    capture.commit();
    assert.equal(capture.socket(0).received, 1);
    assert.notEqual(capture.idAt(0), cleared);
    assert.equal(capture.comment(capture.idAt(0)), "");
  });

  it("neither counts nor shows what was cleared before a reload", () => {
    const sink = serverFile({ clearedBefore: 500 });
    sink.datagram(datagramRecord(client, server, { payloadFileOffset: 499 }));
    sink.datagram(datagramRecord(client, server, { payloadFileOffset: 500 }));
    capture.commit();
    assert.equal(capture.socket(0).received, 1);
    assert.equal(capture.length, 1);
  });

  it("counts missing records once, although the file tells of them twice", () => {
    const sink = serverFile();
    assert.equal(capture.notRecorded, 0);
    sink.datagram(datagramRecord(client, server, { dropped: 3 }));
    sink.statistics({ id: 0, dropped: 3 }, 0, 0);
    assert.equal(capture.notRecorded, 3);
    sink.statistics({ id: 0, dropped: 5 }, 0, 0);
    assert.equal(capture.notRecorded, 5);
    assert.equal(capture.socket(0).notRecorded, 5);
    capture.clear();
    assert.deepEqual([capture.notRecorded, capture.socket(0).notRecorded], [0, 0]);
    sink.statistics({ id: 0, dropped: 7 }, 0, 0);
    assert.deepEqual([capture.notRecorded, capture.socket(0).notRecorded], [2, 2]);
  });

  it("gives up the datagrams of a file, and keeps all others with their ids, times and partners", () => {
    const into = serverFile();
    const from = clientFile();
    const out = { direction: Direction.out };
    into.datagram(datagramRecord(client, server, { time: 5 }));
    from.datagram(datagramRecord(client, server, { time: 100_000, ...out }));
    into.datagram(datagramRecord(client, server, { time: 200_000, comment: "odd" }));
    from.datagram(datagramRecord(client, server, { time: 300_000, ...out }));
    capture.commit();
    const ids = [0, 1, 2, 3].map((position) => capture.idAt(position));
    const [early = 0, sent = 0, receipt = 0, last = 0] = ids;
    assert.equal(capture.partner(sent), receipt);
    assert.equal(capture.delivery(early), Delivery.alone);
    assert.equal(capture.folded, 1);
    assert.equal(capture.dropFiles(new Set([0])), 2);
    assert.equal(capture.folded, 0);
    assert.deepEqual([capture.idAt(0), capture.idAt(1)], [sent, last]);
    assert.equal(capture.length, 2);
    assert.deepEqual(
      ids.map((id) => capture.has(id)),
      [false, true, false, true],
    );
    assert.equal(capture.firstId, sent);
    assert.equal(capture.comment(receipt), "");
    assert.equal(capture.delivery(sent), Delivery.alone, "its receipt is no longer kept");
    assert.equal(capture.time(last), 300_000);
    assert.equal(capture.idAt(1), last);
    from.datagram(datagramRecord(server, client, { time: 400_000 }));
    capture.commit();
    assert.equal(capture.time(capture.idAt(2)), 400_000);
    assert.equal(capture.dropFiles(new Set([0])), 0);
    assert.equal(capture.dropFiles(new Set([1])), 3);
    assert.equal(capture.length, 0);
    assert.deepEqual([capture.firstId, capture.endId], [5, 5]);
  });

  for (const given of ["sender", "receiver"]) {
    it(`parts its pairs when the file of the ${given} is given up`, () => {
      const from = clientFile();
      const into = serverFile();
      // What was cleared long ago has taken the first ids.
      into.datagram(datagramRecord(client, server, { time: 1, comment: "odd" }));
      capture.commit();
      capture.clear();
      from.datagram(datagramRecord(client, server, { time: 10, direction: Direction.out }));
      into.datagram(datagramRecord(client, server, { time: 20 }));
      into.datagram(datagramRecord(client, server, { time: 30 }));
      from.datagram(
        datagramRecord(client, server, { time: 40, direction: Direction.out, length: 9 }),
      );
      capture.commit();
      const [sent, receipt, again, pending] = [1, 2, 3, 4];
      assert.equal(capture.comment(0), "");
      assert.equal(capture.folded, 1);
      capture.dropFiles(new Set([given === "sender" ? 0 : 1]));
      assert.equal(capture.folded, 0);
      assert.equal(capture.length, 2);
      if (given === "sender") {
        assert.equal(capture.delivery(receipt), Delivery.alone);
        assert.equal(capture.delivery(again), Delivery.alone);
      } else {
        assert.equal(capture.delivery(sent), Delivery.alone);
        assert.equal(capture.delivery(pending), Delivery.alone);
      }
      assert.equal(capture.settle(60_000_000), false, "what was received nobody knows now");
      into.datagram(datagramRecord(client, server, { time: 50 }));
      capture.commit();
      // As where the file of the receiver is read only now.
      assert.equal(capture.folded, given === "receiver" ? 1 : 0);
    });
  }

  it("tells of what is left, when files are given up, what it would tell had it never read them", () => {
    const record = fc.record({ gap: fc.constantFrom(0, 100, 600_000), file: fc.nat(3) });
    // Few equal ones, many, and more than are looked through for a pair.
    const records = fc.oneof(
      fc.array(record, { minLength: 3, maxLength: 12 }),
      fc.array(record, { minLength: 40, maxLength: 200 }),
      fc.array(record, { minLength: REACH * 3, maxLength: REACH * 4 }),
    );
    const told = (records: readonly { gap: number; file: number }[], kept: readonly number[]) => {
      const capture = new Capture();
      // Two segments of the client and two of the server.
      const sinks = [0, 1, 2, 3].map((number) => {
        if (!kept.includes(number)) return undefined;
        const [socket, pid] = number < 2 ? [client, 4243] : [server, 4242];
        const isContinued = number % 2 > 0;
        const file = capture.addFile(`${number}`);
        const sink = new FileSink({
          capture,
          file,
          writer: `${pid}`,
          clearedBefore: 0,
          isContinued,
        });
        const description = `program, pid ${pid}, socket 1`;
        const name = `${socket.address}:${socket.port}`;
        sink.interface({ id: 0, name, description, comments: [] });
        return sink;
      });
      let time = 0;
      for (const { gap, file } of records) {
        time += gap + 1;
        const direction = file < 2 ? Direction.out : Direction.in;
        const length = 4;
        sinks[file]?.datagram(datagramRecord(client, server, { time, direction, length }));
      }
      capture.commit();
      capture.settle(time + 10_000_000);
      return capture;
    };
    const stateOf = (capture: Capture) => {
      const tell = (id: number) => `${capture.time(id)} ${capture.delivery(id)}`;
      return Array.from({ length: capture.length }, (_, at) => {
        const id = capture.idAt(at);
        const isPair = ([Delivery.delivered, Delivery.receipt] as number[]).includes(
          capture.delivery(id),
        );
        return isPair ? `${tell(id)} with ${tell(capture.partner(id))}` : tell(id);
      });
    };
    fc.assert(
      fc.property(records, fc.subarray([0, 1, 2, 3], { minLength: 1 }), (all, given) => {
        const capture = told(all, [0, 1, 2, 3]);
        capture.dropFiles(new Set(given));
        const kept = [0, 1, 2, 3].filter((file) => !given.includes(file));
        const fresh = told(all, kept);
        assert.deepEqual(stateOf(capture), stateOf(fresh));
        assert.equal(capture.folded, fresh.folded);
      }),
      { numRuns: 60 },
    );
  });

  it("tells from when on something has changed, and nothing where nothing has", () => {
    const changes: number[] = [];
    const stop = capture.onChange((time) => changes.push(time));
    const sink = serverFile();
    for (const time of [30, 10, 20]) {
      sink.datagram(datagramRecord(client, server, { time }));
      capture.commit();
    }
    const [ever, ...others] = changes.splice(0);
    assert.deepEqual([ever, others], [Number.NEGATIVE_INFINITY, [10, 20]], "a socket is new");
    assert.equal(capture.dropFiles(new Set([7])), 0);
    assert.equal(capture.settle(60_000_000), false);
    assert.deepEqual(changes, []);
    capture.clear();
    stop();
    sink.datagram(datagramRecord(client, server));
    capture.commit();
    assert.deepEqual(changes, [0]);
  });

  it("closes a socket when its end is told, and not before", () => {
    const sink = serverFile();
    sink.statistics({ id: 0, received: 1 }, 0, 0);
    assert.equal([...capture.sockets][0]?.state, "bound");
    sink.statistics({ id: 0, endTime: 99 }, 0, 99);
    assert.equal([...capture.sockets][0]?.state, "closed");
  });

  it("takes the time of the bind from the file rather than from what stands around it", () => {
    const sink = serverFile();
    sink.statistics({ id: 0, startTime: 42 }, 0, 0);
    assert.equal([...capture.sockets][0]?.boundAt, 42);
    sink.statistics({ id: 0, received: 1 }, 0, 0);
    assert.equal([...capture.sockets][0]?.boundAt, 42);
  });

  it("keeps why a socket could not be bound", () => {
    const sink = serverFile();
    sink.interface({
      id: 1,
      name: "127.0.0.1:80",
      description: "udp_server.ts, pid 4242, socket 2",
      comments: ["bind failed: EACCES"],
    });
    sink.statistics({ id: 1, endTime: 99 }, 0, 99);
    const socket = capture.socket(1);
    assert.equal(socket.state, "failed");
    assert.equal(socket.failure, "EACCES");
  });

  it("counts up its revision whenever a socket changes", () => {
    const before = capture.revision;
    const sink = serverFile();
    const bound = capture.revision;
    assert.ok(bound > before);
    sink.statistics({ id: 0, endTime: 99 }, 0, 99);
    assert.ok(capture.revision > bound);
  });

  it("shows files of other writers as sockets without a process", () => {
    const sink = new FileSink({
      capture,
      file: capture.addFile("dumpcap.pcapng"),
      writer: "dumpcap",
      clearedBefore: 0,
    });
    sink.section({ application: "Dumpcap (Wireshark) 4.0", os: "", comments: [] });
    sink.interface({ id: 0, name: "lo", description: "", comments: [] });
    sink.datagram(datagramRecord(client, server, { direction: Direction.unknown }));
    capture.commit();
    assert.equal(capture.length, 1);
    assert.equal([...capture.sockets][0]?.local, undefined);
    assert.equal([...capture.sockets][0]?.program.pid, undefined);
    assert.equal([...capture.sockets][0]?.program.name, "Dumpcap (Wireshark) 4.0");
  });
});

describe("parseEndpoint()", () => {
  it("reads what formatEndpoint writes", () => {
    assert.deepEqual(parseEndpoint("127.0.0.1:9999"), server);
    assert.deepEqual(parseEndpoint("[::1]:0"), { address: "::1", port: 0 });
    assert.deepEqual(parseEndpoint("[::1]:65535"), { address: "::1", port: 65535 });
  });

  for (const bad of [
    "",
    "lo",
    "127.0.0.1",
    ":9",
    "[]:9",
    "1.2.3:9",
    "[::1]",
    "::1:9",
    "127.0.0.1:65536",
    "a:1:2",
    "[zz::]:1",
  ]) {
    it(`finds no endpoint in ${JSON.stringify(bad)}`, () =>
      assert.equal(parseEndpoint(bad), undefined));
  }
});
