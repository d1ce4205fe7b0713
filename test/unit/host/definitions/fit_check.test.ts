import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

const TRACKER = `meta: {id: tracker, endian: le}
seq:
  - {id: id, type: u2}
  - {id: kind, type: u1, valid: {max: 3}}
`;
const LOOSE = `meta: {id: tracker, endian: le}
seq:
  - {id: id, type: u2}
`;
const GOOD = Uint8Array.of(1, 0, 2);
const SHORT = Uint8Array.of(1, 0);
const WRONG = Uint8Array.of(1, 0, 9);

describe("which rows fit a definition", () => {
  let capture: Capture;
  let sink: FileSink;
  let payloads: Uint8Array[];
  let text: string;
  let changed: EventEmitter;
  let reads: number;
  let check: import("../../../../extension/host/definitions/fit_check.ts").FitCheck;

  let file: number;
  const sinkOf = (name: string): FileSink => {
    file = capture.addFile(name);
    const made = new FileSink({ capture, file, writer: name, clearedBefore: 0 });
    made.interface({ id: 0, name: "10.0.0.1:5005", description: "", comments: [] });
    return made;
  };
  const add = (payload: Uint8Array, { port = 5005, length = payload.length, time = 0 } = {}) => {
    const at = 1_700_000_000_000_000 + (time || payloads.length * 1000);
    const source = { address: "10.0.0.7", port: 6006 };
    const record = { time: at, direction: Direction.in, length, capturedLength: payload.length };
    sink.datagram(datagramRecord(source, { address: "10.0.0.1", port }, record));
    payloads.push(payload);
  };
  /** Tells of what was added, and waits until the check has told of it. */
  const told = async (change: () => void) => {
    const done = new Promise<void>((resolve) => {
      const listening = check.onDidChange(() => {
        listening.dispose();
        resolve();
      });
    });
    change();
    await done;
  };
  const addAll = (...all: Uint8Array[]) =>
    told(() => {
      for (const one of all) add(one);
      capture.commit();
      changed.emit("data");
    });
  const misfits = () =>
    check.misfits.map(({ row, misfit }) => `${row}: ${misfit.problem} ${misfit.place?.path}`);

  before(() => standInForVscode());

  beforeEach(async () => {
    const { FitCheck } = await import("../../../../extension/host/definitions/fit_check.ts");
    capture = new Capture();
    sink = sinkOf("memory");
    payloads = [];
    reads = 0;
    text = TRACKER;
    changed = new EventEmitter();
    const on = (event: string) => (listener: () => void) => {
      changed.on(event, listener);
      return { dispose: () => void changed.off(event, listener) };
    };
    const source = {
      capture,
      onDidChange: on("data"),
      payload: async (id: number) => {
        reads++;
        return payloads[id];
      },
    };
    const definitions = {
      onDidChange: on("definitions"),
      setting: { uses: [{ index: 0, file: "tracker.ksy", port: 5005, isFor: () => true }] },
      load: (name: string) => loadDefinition(name, text),
    };
    check = new FitCheck(source as never, definitions as never);
  });

  afterEach(() => check.dispose());

  it("is told with the row, the sentence and the place in the definition", async () => {
    await addAll(GOOD, SHORT, GOOD, WRONG);
    assert.deepEqual(misfits(), [
      "2: 0 bytes left, kind needs 1. /seq/1/type",
      "4: kind is 9; it has to be 3 or less. /seq/1/id",
    ]);
    assert.deepEqual(check.countOf("tracker.ksy"), { rows: 4, fit: 2 });
    assert.deepEqual(check.countOf("other.ksy"), { rows: 0, fit: 0 });
  });

  it("is known of what comes later, and of rows that came in between", async () => {
    await addAll(GOOD, SHORT);
    await told(() => {
      add(WRONG, { time: 500 });
      capture.commit();
      changed.emit("data");
    });
    assert.deepEqual(
      misfits().map((one) => one.split(":")[0]),
      ["2", "3"],
    );
    assert.deepEqual(check.countOf("tracker.ksy"), { rows: 3, fit: 1 });
  });

  it("is another when the definition is saved", async () => {
    await addAll(GOOD, SHORT, WRONG);
    assert.equal(misfits().length, 2);
    await told(() => {
      text = LOOSE;
      changed.emit("definitions");
    });
    assert.deepEqual(misfits(), []);
    assert.deepEqual(check.countOf("tracker.ksy"), { rows: 3, fit: 3 });
    await told(() => {
      text = "meta: {id: tracker}\nseq: [{id: x, type: u9}]";
      changed.emit("definitions");
    });
    assert.deepEqual(check.countOf("tracker.ksy"), { rows: 0, fit: 0 });
  });

  it("says nothing of datagrams that it is not for, nor of those that were cut", async () => {
    await told(() => {
      add(SHORT, { port: 5006 });
      add(SHORT, { length: 3 });
      add(SHORT);
      capture.commit();
      changed.emit("data");
    });
    assert.deepEqual(check.countOf("tracker.ksy"), { rows: 1, fit: 0 });
    assert.equal(misfits().length, 1);
  });

  it("reads each row once, as often as rows come and however many there are", async () => {
    for (let round = 0; round < 40; round++) await addAll(GOOD, SHORT, WRONG);
    // The first ones come while it begins, and may be looked at twice.
    assert.ok(reads >= 120 && reads <= 123, `${reads}`);
    assert.deepEqual(check.countOf("tracker.ksy"), { rows: 120, fit: 40 });
  });

  it("keeps what it knows of the others when the first datagrams are given up", async () => {
    await addAll(GOOD, SHORT, WRONG, GOOD);
    const first = file;
    sink = sinkOf("second");
    await addAll(GOOD, WRONG, GOOD, SHORT);
    const before = reads;
    await told(() => {
      capture.dropFiles(new Set([first]));
      changed.emit("data");
    });
    assert.equal(reads, before);
    assert.deepEqual(
      misfits().map((one) => one.split(":")[0]),
      ["2", "4"],
    );
    assert.deepEqual(check.countOf("tracker.ksy"), { rows: 4, fit: 2 });
  });
});
