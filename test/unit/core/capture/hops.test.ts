import assert from "node:assert/strict";
import fc from "fast-check";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { hopsOf } from "../../../../extension/core/capture/hops.ts";
import { type DatagramRecord, Direction } from "../../../../extension/core/files/capture_sink.ts";
import type { Endpoint } from "../../../../extension/core/wire/endpoint.ts";
import { formatSocket } from "../../../../extension/core/wire/tap_identity.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";

const at = (port: number) => ({ address: "127.0.0.1", port });
const CLIENTS = [at(50_001), at(50_002)] as const;
const RELAY = at(9998);
/** One for each client, as a relay has them. */
const UPSTREAM = [at(40_001), at(40_002)] as const;
const SERVER = at(9999);
const START = 1_700_000_000_000_000;

/** What the relay does with a datagram. */
interface Passing {
  readonly client: 0 | 1;
  readonly payload: number;
  /** Microseconds since the one before. */
  readonly pause: number;
  readonly stay: number;
  readonly fate: "passed" | "doubled" | "dropped" | "changed" | "answered" | "kept from it";
}

const passings: fc.Arbitrary<Passing[]> = fc.array(
  fc.record({
    client: fc.constantFrom(0, 1),
    payload: fc.nat({ max: 5 }),
    pause: fc.nat({ max: 900_000 }),
    stay: fc.nat({ max: 2_000_000 }),
    fate: fc.constantFrom("passed", "doubled", "dropped", "changed", "answered", "kept from it"),
  }),
  { maxLength: 25 },
);

/** The records of three programs, by the ports that recorded them, and what the relay did: places of its records. */
function world(all: readonly Passing[]) {
  const files: Record<"clients" | "relay" | "server", DatagramRecord[]> = {
    clients: [],
    relay: [],
    server: [],
  };
  const hops: { receipt: number; sendings: number[] }[] = [];
  let time = START;
  for (const { client, payload, pause, stay, fate } of all) {
    time += pause;
    const [from, upstream] = [CLIENTS[client], UPSTREAM[client]];
    const record = (
      file: DatagramRecord[],
      [source, destination]: readonly [Endpoint, Endpoint],
      own: Endpoint,
      rest: Partial<DatagramRecord> & { readonly first?: number },
    ) => {
      const bytes = Uint8Array.of(127, 0, 0, 1, 127, 0, 0, 1, rest.first ?? payload, 7, 7, 7);
      const direction = own === source ? Direction.out : Direction.in;
      const made = { bytes, direction, capturedLength: 4, length: 4, interfaceId: own.port };
      return file.push(datagramRecord(source, destination, { ...made, ...rest })) - 1;
    };
    record(files.clients, [from, RELAY], from, { time });
    const isKept = fate === "kept from it";
    const comment = isKept ? "dropped by a rule (drop)" : "";
    const receipt = record(files.relay, [from, RELAY], RELAY, { time: time + 30, comment });
    const sendings: number[] = [];
    const later = time + 30 + stay;
    const pass = (first = payload) => {
      const way = [upstream, SERVER] as const;
      const sending = record(files.relay, way, upstream, { time: later, first });
      record(files.server, way, SERVER, { time: later + 30, first });
      return sending;
    };
    if (fate === "passed" || fate === "doubled") sendings.push(pass());
    if (fate === "doubled") sendings.push(pass());
    if (fate === "changed") pass(100 + payload);
    if (fate === "answered") record(files.relay, [RELAY, from], RELAY, { time: later });
    if (!isKept) hops.push({ receipt, sendings });
  }
  return { files, hops };
}

/** Reads the files in this order; ids of the records of each, by their places. */
function read({ files }: ReturnType<typeof world>, order: readonly (keyof typeof files)[]) {
  const capture = new Capture();
  const names = new Map<number, keyof typeof files>();
  for (const [pid, name] of order.entries()) {
    const file = capture.addFile(name);
    names.set(file, name);
    const sink = new FileSink({ capture, file, writer: name, clearedBefore: 0 });
    const ports = [...new Set(files[name].map(({ interfaceId }) => interfaceId))];
    for (const [index, port] of ports.entries()) {
      const description = formatSocket({ program: name, pid, thread: 0, socket: index + 1 });
      sink.interface({ id: port, name: `127.0.0.1:${port}`, description, comments: [] });
    }
    for (const [place, record] of files[name].entries()) {
      sink.datagram({ ...record, payloadFileOffset: place });
    }
    capture.commit();
  }
  const ids = { clients: [] as number[], relay: [] as number[], server: [] as number[] };
  for (let position = 0; position < capture.length; position++) {
    const id = capture.idAt(position);
    const { file, offset } = capture.payloadPlace(id);
    ids[names.get(file) ?? assert.fail()][offset] = id;
  }
  return { capture, ids };
}

describe("the hops of a datagram through a relay", () => {
  it("are told where they are known, never of another one, in whatever order the files are read", () => {
    const orders = fc.shuffledSubarray(["clients", "relay", "server"] as const, { minLength: 3 });
    fc.assert(
      fc.property(passings, orders, (all, order) => {
        const made = world(all);
        const { capture, ids } = read(made, order);
        const truth = new Map<number, number>();
        for (const { receipt, sendings } of made.hops) {
          for (const sending of sendings)
            truth.set(ids.relay[sending] ?? -1, ids.relay[receipt] ?? -2);
        }
        const isOnly = new Set(all.map(({ payload }) => payload)).size === all.length;
        for (const id of ids.relay) {
          const { before, after } = hopsOf(capture, id);
          if (before !== undefined) assert.equal(before, truth.get(id));
          for (const sending of after) assert.equal(truth.get(sending), id);
          if (!isOnly) continue;
          assert.equal(before, truth.get(id));
          const known = [...truth]
            .filter(([, receipt]) => receipt === id)
            .map(([sending]) => sending);
          assert.deepEqual(after.toSorted(), known.toSorted());
        }
      }),
    );
  });

  it("are told of the rows at either side: what a client sent, and what the server got", () => {
    const passing = { client: 1, payload: 3, pause: 0, stay: 5000, fate: "passed" } as const;
    const { capture, ids } = read(world([passing]), ["server", "relay", "clients"]);
    const [receipt, sending] = ids.relay;
    assert.deepEqual(hopsOf(capture, ids.clients[0] ?? -1), {
      before: undefined,
      after: [sending],
    });
    assert.deepEqual(hopsOf(capture, sending ?? -1), { before: receipt, after: [] });
    assert.equal(capture.shownWith(receipt ?? -1), ids.clients[0]);
  });

  it("cost no more where millions of others passed at that time", () => {
    const steps = (many: number) => {
      const others = Array.from({ length: many }, (_, number) => number);
      const capture = new Capture();
      const file = capture.addFile("relay");
      const sink = new FileSink({ capture, file, writer: "relay", clearedBefore: 0 });
      const description = formatSocket({ program: "relay", pid: 1, thread: 0, socket: 1 });
      sink.interface({ id: 0, name: "127.0.0.1:9998", description, comments: [] });
      for (const time of others)
        sink.datagram(datagramRecord(SERVER, RELAY, { time: START + time }));
      capture.commit();
      let asked = 0;
      const { idAt } = capture;
      capture.idAt = (position) => {
        asked++;
        return idAt.call(capture, position);
      };
      hopsOf(capture, idAt.call(capture, many >> 1));
      return asked;
    };
    assert.equal(steps(80_000), steps(40_000));
  });
});
