import assert from "node:assert/strict";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { formatRuleEffect, type RuleEffect } from "../../../../extension/core/wire/rule_effect.ts";
import { formatSocket } from "../../../../extension/core/wire/tap_identity.ts";
import { RuleCounter } from "../../../../extension/host/rules/rule_counts.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";

const PEER = { address: "127.0.0.1", port: 6006 };
const OTHER = { address: "127.0.0.1", port: 6007 };
const LOCAL = { address: "127.0.0.1", port: 5005 };

describe("what the rules of a socket did", () => {
  const capture = new Capture();
  const file = capture.addFile("a.pcapng");
  const sink = new FileSink({ capture, file, writer: "a", clearedBefore: 0 });
  const description = formatSocket({ program: "ingest.py", pid: 1, thread: 0, socket: 1 });
  sink.interface({ id: 0, name: "127.0.0.1:5005", description, comments: [] });
  sink.interface({ id: 1, name: "127.0.0.1:5006", description: "", comments: [] });
  const record = (
    peer: typeof PEER,
    effect: RuleEffect,
    direction: "in" | "out" = "in",
    interfaceId = 0,
  ) => {
    const [from, to] = direction === "in" ? [peer, LOCAL] : [LOCAL, peer];
    const comment = formatRuleEffect(effect);
    sink.datagram(
      datagramRecord(from, to, { direction: Direction[direction], comment, interfaceId }),
    );
  };
  const all = { direction: "in", drop: 5 } as const;
  const own = { direction: "in", peer: "127.0.0.1:6006", delay: 50 } as const;
  let place: number;

  before(() => {
    record(PEER, {});
    record(PEER, { delayMs: 40, flippedBit: 3 });
    record(PEER, { delayMs: 60, isCopy: true });
    record(PEER, { dropped: "drop" });
    record(PEER, { dropped: "drop" }, "out");
    record(OTHER, { dropped: "burst" });
    record(OTHER, { dropped: "drop" }, "in", 1);
    capture.commit();
    place = capture.flow(capture.firstId).socket;
  });

  const counted = (counter: RuleCounter) => {
    for (let id = capture.firstId; id < capture.endId; id++) counter.take(capture, id, id + 1);
    return counter.counts;
  };

  it("is counted on its way alone, and where it is for one peer, for that one", () => {
    const counts = { met: 4, dropped: 1, corrupted: 1, copies: 1, delayed: 2, delayMs: 100 };
    assert.deepEqual(counted(new RuleCounter(place, [own], own.peer)), counts);
  });

  it("is counted for all others where one has rules of its own", () => {
    const nothing = { corrupted: 0, copies: 0, delayed: 0, delayMs: 0 };
    const others = counted(new RuleCounter(place, [own, all], undefined));
    assert.deepEqual(others, { ...nothing, met: 1, dropped: 1 });
    const everybody = counted(new RuleCounter(place, [all], undefined));
    assert.deepEqual([everybody.met, everybody.dropped], [5, 2]);
  });

  it("is nothing of what is gone", () => {
    capture.clear();
    const { counts } = new RuleCounter(place, [all], undefined);
    assert.deepEqual(counted(new RuleCounter(place, [all], undefined)), counts);
  });
});
