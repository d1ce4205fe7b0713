import assert from "node:assert/strict";
import fc from "fast-check";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { Delivery } from "../../../../extension/core/capture/delivery.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { type CaptureSink, Direction } from "../../../../extension/core/files/capture_sink.ts";
import { formatRuleEffect, type RuleEffect } from "../../../../extension/core/wire/rule_effect.ts";
import { formatSocket } from "../../../../extension/core/wire/tap_identity.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";

const sender = { address: "127.0.0.1", port: 6006 };
const receiver = { address: "127.0.0.1", port: 5005 };
const START = 1_700_000_000_000_000;

/** What became of one that was to be sent. */
interface Sending {
  readonly out: RuleEffect;
  /** Only where it left. */
  readonly isLost: boolean;
  /** Only where it arrived. */
  readonly in: RuleEffect;
  readonly doubled: "no" | "out" | "in";
}

const effect = fc.oneof(
  fc.constant({}),
  fc.constant({ dropped: "drop" }),
  fc.record({ delayMs: fc.integer({ min: 1, max: 300 }) }, { noNullPrototype: true }),
  fc.record({ flippedBit: fc.integer({ min: 0, max: 63 }) }, { noNullPrototype: true }),
);
const sendings: fc.Arbitrary<Sending[]> = fc.array(
  fc.record({
    out: effect,
    isLost: fc.boolean(),
    in: effect,
    doubled: fc.constantFrom("no", "out", "in"),
  }),
  { maxLength: 30 },
);

type Step = (sink: CaptureSink) => void;

/** The files of both programs, a record a step; what each record has to be told as, by its place in the file. */
function filesOf(all: readonly Sending[]) {
  const files = {
    out: { steps: [] as Step[], told: [] as Delivery[], drops: 0 },
    in: { steps: [] as Step[], told: [] as Delivery[], drops: 0 },
  };
  const tell = (
    direction: "in" | "out",
    time: number,
    payload: Uint8Array,
    effect: RuleEffect,
    told: Delivery,
  ) => {
    const file = files[direction];
    const record = datagramRecord(sender, receiver, {
      time: START + time,
      direction: Direction[direction],
      bytes: Uint8Array.of(127, 0, 0, 1, 127, 0, 0, 1, ...payload),
      capturedLength: payload.length,
      length: payload.length,
      payloadFileOffset: 100 + file.told.length,
      comment: formatRuleEffect(effect),
    });
    file.steps.push((sink) => sink.datagram(record));
    file.told.push(told);
    if (effect.dropped !== undefined) file.drops++;
  };
  for (const [number, sending] of all.entries()) {
    const at = number * 700_000;
    const payload = new Uint8Array(8);
    new DataView(payload.buffer).setUint32(0, number);
    const left = changed(payload, sending.out);
    if (sending.out.dropped !== undefined) {
      tell("out", at, payload, sending.out, Delivery.dropped);
      continue;
    }
    const isDropped = sending.in.dropped !== undefined;
    const outcome = sending.isLost
      ? Delivery.lost
      : isDropped
        ? Delivery.dropped
        : Delivery.delivered;
    const isDoubled = sending.doubled === "out";
    tell("out", at, left, sending.out, outcome);
    if (isDoubled) tell("out", at + 1, left, { ...sending.out, isCopy: true }, outcome);
    const came = changed(left, sending.in);
    const received = isDropped ? Delivery.dropped : Delivery.receipt;
    const { delayMs: wasLate = 0 } = sending.out;
    const { delayMs: isLate = 0 } = sending.in;
    const cameAt = at + (wasLate + isLate) * 1000 + 50;
    if (!sending.isLost) tell("in", cameAt, came, sending.in, received);
    if (!sending.isLost && isDoubled) tell("in", cameAt + 1, came, sending.in, received);
    if (sending.doubled === "in" && !sending.isLost && !isDropped) {
      tell("in", cameAt + 1, came, { ...sending.in, isCopy: true }, Delivery.alone);
    }
  }
  return files;
}

function changed(payload: Uint8Array, { flippedBit }: RuleEffect): Uint8Array {
  const bytes = payload.slice();
  const at = (flippedBit ?? 0) >> 3;
  if (flippedBit !== undefined) bytes[at] = (bytes[at] ?? 0) ^ (1 << (flippedBit & 7));
  return bytes;
}

/** Reads both files, in this order and in pieces, and what is told of each record of each. */
function read(files: ReturnType<typeof filesOf>, order: readonly ("in" | "out")[], piece: number) {
  const capture = new Capture();
  const numbers = new Map<number, "in" | "out">();
  const sinks = order.map((direction) => {
    const number = capture.addFile(direction);
    numbers.set(number, direction);
    const sink = new FileSink({
      capture,
      file: number,
      writer: direction,
      clearedBefore: 0,
      startedAt: START - 1000,
    });
    const pid = direction === "out" ? 1 : 2;
    const { port } = direction === "out" ? sender : receiver;
    sink.section({
      application: `node 24.0.0, pid ${pid}, ppid 1: ${pid}.js`,
      os: "",
      comments: [],
    });
    const description = formatSocket({ program: `${pid}.js`, pid, thread: 0, socket: 1 });
    sink.interface({ id: 0, name: `127.0.0.1:${port}`, description, comments: [] });
    sink.statistics({ id: 0, received: 0, dropped: 0, startTime: START - 500 }, 1, START - 500);
    return { sink, steps: [...files[direction].steps] };
  });
  for (const { sink, steps } of sinks) {
    while (steps.length > 0) {
      for (const step of steps.splice(0, piece)) step(sink);
      capture.commit();
    }
  }
  capture.settle(START + 1e9);
  const told = { in: [] as Delivery[], out: [] as Delivery[] };
  for (let position = 0; position < capture.length; position++) {
    const id = capture.idAt(position);
    const { file, offset } = capture.payloadPlace(id);
    told[numbers.get(file) ?? assert.fail()][offset - 100] = capture.delivery(id);
  }
  return { capture, told };
}

describe("what rules do to datagrams", () => {
  it("is never told as lost, delivered or doubled by the network, in whatever order the files are read", () => {
    fc.assert(
      fc.property(
        sendings,
        fc.constantFrom(["in", "out"] as const, ["out", "in"] as const),
        fc.integer({ min: 1, max: 9 }),
        (all, order, piece) => {
          const files = filesOf(all);
          const { capture, told } = read(files, order, piece);
          assert.deepEqual(told, { out: files.out.told, in: files.in.told });
          for (const socket of capture.sockets) {
            const direction = socket.local?.port === sender.port ? "out" : "in";
            assert.equal(socket.droppedByRules, files[direction].drops);
          }
          capture.clear();
          for (const socket of capture.sockets) assert.equal(socket.droppedByRules, 0);
        },
      ),
    );
  });

  it("is told of a row, the sender's before the receiver's", () => {
    const all = [
      { out: { delayMs: 10 }, isLost: false, in: { flippedBit: 9 }, doubled: "no" },
    ] as const;
    const { capture } = read(filesOf(all), ["out", "in"], 1);
    const [sending = 0, receipt = 0] = [capture.idAt(0), capture.idAt(1)];
    const effects = [
      { record: sending, effect: { delayMs: 10 } },
      { record: receipt, effect: { flippedBit: 9 } },
    ];
    assert.deepEqual(capture.ruleEffects(sending), effects);
    assert.deepEqual(capture.ruleEffects(receipt), effects.slice(1));
    assert.equal(capture.wasSent(sending), true);
  });

  it("leaves the bytes that were read as they are", () => {
    const capture = new Capture();
    const sink = new FileSink({
      capture,
      file: capture.addFile("x"),
      writer: "x",
      clearedBefore: 0,
    });
    sink.interface({ id: 0, name: "eth0", description: "", comments: [] });
    for (const flippedBit of [0, 12, 8 * 8, 65_527 * 8 - 1]) {
      const record = datagramRecord(sender, receiver, {
        direction: Direction.in,
        comment: formatRuleEffect({ flippedBit }),
      });
      const before = record.bytes.slice();
      sink.datagram(record);
      assert.deepEqual(record.bytes, before);
    }
  });
});
