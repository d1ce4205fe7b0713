import assert from "node:assert/strict";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import type { Endpoint } from "../../../../extension/core/wire/endpoint.ts";
import { formatSocket } from "../../../../extension/core/wire/tap_identity.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

standInForVscode();
const { hopFacts } = await import("../../../../extension/host/words/hop_text.ts");

const at = (port: number) => ({ address: "127.0.0.1", port });
const [CLIENT, RELAY, UPSTREAM, SERVER] = [at(53_211), at(9998), at(40_001), at(9999)];
const START = 1_700_000_000_000_000;

describe("the hops of a datagram, in words", () => {
  it("name the relay, how long it had it, and what became of it on the other hop, with its row", () => {
    const capture = new Capture();
    const program = (name: string, pid: number, sockets: readonly Endpoint[]) => {
      const file = capture.addFile(name);
      const sink = new FileSink({
        capture,
        file,
        writer: name,
        clearedBefore: 0,
        startedAt: START,
      });
      sink.section({
        application: `node 24.0.0, pid ${pid}, ppid 1: /x/${name}`,
        os: "",
        comments: [],
      });
      for (const [id, { port }] of sockets.entries()) {
        const description = formatSocket({ program: name, pid, thread: 0, socket: id + 1 });
        sink.interface({ id, name: `127.0.0.1:${port}`, description, comments: [] });
      }
      return sink;
    };
    const client = program("client.py", 1, [CLIENT]);
    const relay = program("udp_relay.ts", 2, [RELAY, UPSTREAM]);
    const server = program("server.py", 3, [SERVER]);
    const record = (from: Endpoint, to: Endpoint, direction: Direction, time: number, id = 0) =>
      datagramRecord(from, to, { direction, time: START + time, interfaceId: id });
    client.datagram(record(CLIENT, RELAY, Direction.out, 1000));
    relay.datagram(record(CLIENT, RELAY, Direction.in, 1060));
    relay.datagram(record(UPSTREAM, SERVER, Direction.out, 52_060, 1));
    server.datagram(record(UPSTREAM, SERVER, Direction.in, 52_100));
    capture.commit();
    const [sent = -1, , passedOn = -1] = [0, 1, 2].map((position) => capture.idAt(position));
    assert.deepEqual(hopFacts(capture, sent), [
      {
        text: "udp_relay.ts passed it on to 127.0.0.1:9999, 51 ms later: delivered 40 µs.",
        isAnomaly: false,
        row: passedOn,
      },
    ]);
    assert.deepEqual(hopFacts(capture, passedOn), [
      {
        text: "udp_relay.ts had received it from 127.0.0.1:53211, 51 ms before: delivered 60 µs.",
        isAnomaly: false,
        row: sent,
      },
    ]);
  });
});
