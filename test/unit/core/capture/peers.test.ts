import assert from "node:assert/strict";
import fc from "fast-check";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { countsOfOthers, PeerTable } from "../../../../extension/core/capture/peers.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";

const server = { address: "127.0.0.1", port: 9999 };
const client = { address: "127.0.0.1", port: 53211 };

describe("PeerTable", () => {
  const other = { address: "127.0.0.1", port: 6000 };
  const distant = { address: "2001:db8::7", port: 53 };
  let capture: Capture;
  let sink: FileSink;

  beforeEach(() => {
    capture = new Capture();
    sink = new FileSink({
      capture,
      file: capture.addFile("server.pcapng"),
      writer: "1-4242.0",
      clearedBefore: 0,
    });
    sink.interface({ id: 0, name: "127.0.0.1:9999", description: "", comments: [] });
  });

  const counts = (most?: number) =>
    capture.peers
      .of(0, most)
      .latest.map(({ port, received, sent, lastTime }) => [port, received, sent, lastTime]);

  it("adds up both directions of a peer, the latest first", () => {
    sink.datagram(datagramRecord(client, server, { time: 1 }));
    sink.datagram(datagramRecord(server, client, { time: 2, direction: Direction.out }));
    sink.datagram(datagramRecord(other, server, { time: 3 }));
    assert.deepEqual(counts(), [
      [other.port, 1, 0, 3],
      [client.port, 1, 1, 2],
    ]);
    // They go on counting.
    sink.datagram(datagramRecord(client, server, { time: 4 }));
    assert.deepEqual(counts(), [
      [client.port, 2, 1, 4],
      [other.port, 1, 0, 3],
    ]);
  });

  it("tells peers by their address and port, and counts of a file without directions as sent", () => {
    const to = { ...distant, address: "2001:db8::1" };
    sink.datagram(datagramRecord(distant, to));
    sink.datagram(datagramRecord(client, server));
    sink.datagram(datagramRecord({ ...client, address: "127.0.0.2" }, server));
    sink.datagram(datagramRecord(to, distant, { direction: Direction.unknown }));
    assert.deepEqual(
      capture.peers
        .of(0)
        .latest.map(({ address, port, received, sent }) => [address, port, received, sent]),
      [
        [client.address, client.port, 1, 0],
        ["127.0.0.2", client.port, 1, 0],
        [distant.address, distant.port, 1, 1],
      ],
    );
    assert.deepEqual([capture.peers.of(0).count, capture.peers.of(1).count], [3, 0]);
  });

  it("counts what a peer had before the socket had another local end", () => {
    sink.datagram(datagramRecord(client, { ...server, address: "0.0.0.0" }, { time: 1 }));
    sink.datagram(datagramRecord(client, server, { time: 2 }));
    assert.deepEqual(counts(), [[client.port, 2, 0, 2]]);
  });

  it("counts what is of no peer that is told apart: beyond the most, and what is gone", () => {
    const peers = new PeerTable(capture.flows, 2);
    const later = new FileSink({
      capture,
      file: capture.addFile("next.pcapng"),
      writer: "1-4242.0",
      clearedBefore: 0,
    });
    const description = "a.ts, pid 1, socket 1";
    sink.interface({ id: 0, name: "127.0.0.1:9999", description, comments: [] });
    later.interface({ id: 0, name: "127.0.0.1:9999", description, comments: [] });
    const socket = capture.socket(1);
    for (const port of [1, 2, 3]) sink.datagram(datagramRecord({ ...client, port }, server));
    for (const port of [2, 3]) {
      const out = { direction: Direction.out };
      later.datagram(datagramRecord(server, { ...client, port }, out));
    }
    capture.commit();
    const some = peers.of(socket.place);
    assert.deepEqual([some.count, some.latest.length], [2, 2]);
    assert.deepEqual(countsOfOthers(socket, some), { received: 1, sent: 1 });
    const all = capture.peers.of(socket.place, 2);
    assert.deepEqual([all.count, all.latest.length], [3, 2]);
    assert.deepEqual(countsOfOthers(socket, all), { received: 0, sent: 0 });
    capture.dropFiles(new Set([0]));
    const left = capture.peers.of(socket.place);
    assert.deepEqual(
      left.latest.map(({ port, received, sent }) => [port, received, sent]),
      [
        [3, 0, 1],
        [2, 0, 1],
      ],
    );
    assert.deepEqual(countsOfOthers(socket, left), { received: 3, sent: 0 });
    capture.clear();
    assert.deepEqual(countsOfOthers(socket, capture.peers.of(socket.place)), {
      received: 0,
      sent: 0,
    });
  });

  it("looks at each flow once, and at no more with one call than that holds up nobody", () => {
    const { flows } = capture;
    const { peerHash } = flows;
    let looks = 0;
    flows.peerHash = (id) => {
      looks++;
      return peerHash.call(flows, id);
    };
    const [few, many] = [3, 150_000];
    for (let n = 0; n < many; n++) {
      if (n === few) assert.equal(capture.peers.of(0).count, few);
      const ends = { address: `10.0.${n >> 15}.9`, port: 1 + (n & 0x7fff) };
      sink.datagram(datagramRecord(ends, server, { time: n + 1 }));
    }
    looks = 0;
    const seen = [1, 2, 3].map(() => {
      const { count, latest, counted } = capture.peers.of(0, 1);
      assert.equal(counted.received, count, "the others' are told together");
      assert.equal(latest[0]?.lastTime, many, "the newest come first");
      return count;
    });
    // As many as are told apart; each is put into its place, and some again where that is another one.
    assert.deepEqual(seen, [65_539, 100_000, 100_000]);
    assert.ok(looks < 3 * many, `${looks} looks`);
  });

  it("finds the latest few, whatever the order of their times, of several at once the newest peers", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 70 }),
        (times, most) => {
          const many = new Capture();
          const into = new FileSink({
            capture: many,
            file: many.addFile("server.pcapng"),
            writer: "1-4242.0",
            clearedBefore: 0,
          });
          into.interface({ id: 0, name: "127.0.0.1:9999", description: "", comments: [] });
          for (const [port, time] of times.entries()) {
            into.datagram(datagramRecord({ ...client, port }, server, { time }));
          }
          const expected = [...times.entries()]
            .sort(([a, aTime], [b, bTime]) => bTime - aTime || b - a)
            .map(([port]) => port);
          assert.deepEqual(
            many.peers.of(0, most).latest.map(({ port }) => port),
            expected.slice(0, most),
          );
        },
      ),
    );
  });
});
