import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { appendFile, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock } from "node:test";
import type { LogOutputChannel } from "vscode";
import { CaptureFolder } from "../../../../extension/host/capture/capture_folder.ts";
import type { LiveCapture } from "../../../../extension/host/capture/live_capture.ts";
import { ipv4Packet } from "../../support/packets.ts";
import { PcapngBytes } from "../../support/pcapng_bytes.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

/** No process has it: Linux's largest id is 2^22. */
const NO_PID = 4_194_305;
const SEGMENT = `1700000000000-${NO_PID}-1.pcapng`;

describe("LiveCapture", () => {
  let storage: string;
  let folder: CaptureFolder;
  let live: LiveCapture;
  let logged: string[];

  beforeEach(async () => {
    standInForVscode();
    const { LiveCapture } = await import("../../../../extension/host/capture/live_capture.ts");
    storage = await mkdtemp(join(tmpdir(), "udp-live-"));
    folder = await CaptureFolder.open(storage, CaptureFolder.nameOf("file:///workspace"));
    logged = [];
    const log = (text: string) => void logged.push(text);
    live = new LiveCapture(folder, { error: log, warn: log } as unknown as LogOutputChannel);
  });

  afterEach(async () => {
    live.dispose();
    await rm(storage, { recursive: true, force: true });
  });

  const packets = (count: number) => {
    const file = new PcapngBytes(true).section().interface();
    for (let n = 0; n < count; n++) file.packet(0, BigInt(n), [...ipv4Packet(`number ${n}`)]);
    return file.bytes;
  };

  it("takes in each datagram once, wherever a growing file is cut", async () => {
    const whole = packets(2);
    const first = packets(1).length;
    const path = join(folder.path, `1700000000000-${process.pid}-1.pcapng`);
    await writeFile(path, whole.subarray(0, first));
    for (let at = first; at < whole.length; at++) {
      await live.scan();
      assert.equal(live.capture.length, 1, `with ${at} bytes`);
      await appendFile(path, whole.subarray(at, at + 1));
    }
    await live.scan();
    assert.equal(live.capture.length, 2);
    assert.deepEqual([logged, live.remarks], [[], []]);
  });

  it("says of a program that ended in the midst of a packet how many bytes of it are there", async () => {
    const whole = packets(2);
    const path = join(folder.path, SEGMENT);
    await writeFile(path, whole.subarray(0, whole.length - 1));
    await live.scan();
    await live.scan();
    assert.equal(live.capture.length, 1);
    const left = whole.length - packets(1).length - 1;
    assert.equal(live.remarks.length, 1);
    assert.match(live.remarks.join(), new RegExp(`its last ${left} bytes .* ${path}$`));
    assert.deepEqual(logged, live.remarks, "told once");
    await appendFile(path, whole.subarray(-1));
    await live.scan();
    assert.deepEqual([live.capture.length, live.remarks], [2, []]);
  });

  it("says of a spoiled file from which byte on nothing is shown, until it is cleared", async () => {
    const whole = packets(1);
    await writeFile(join(folder.path, SEGMENT), Buffer.concat([whole, Buffer.alloc(64, 0xff)]));
    await live.scan();
    assert.equal(live.capture.length, 1);
    assert.match(live.remarks.join(), new RegExp(`from byte ${whole.length} on: .*${SEGMENT}`));
    await live.clear();
    assert.deepEqual(live.remarks, []);
  });

  it("gives up the oldest as soon as there is too much, not only when it looks at the whole folder", async () => {
    const { workspace } = await import("vscode");
    const { getConfiguration } = workspace;
    Object.assign(workspace, { getConfiguration: () => ({ get: () => 1 }) });
    mock.timers.enable({ apis: ["setInterval"] });
    try {
      await live.start();
      const given = new Promise<void>((resolve) => {
        live.onDidChange(() => {
          if (live.evicted >= 20) resolve();
        });
      });
      const file = new PcapngBytes(true).section().interface();
      const empty = file.bytes.length;
      for (let n = 0; n < 10; n++) file.packet(0, BigInt(n), [...ipv4Packet("n".repeat(60_000))]);
      const one = (file.bytes.length - empty) / 10;
      for (const segment of [1, 2, 3]) {
        // There as a whole: the last one is not to be looked at while only a part of it is written.
        const whole = join(storage, "whole");
        await writeFile(whole, file.bytes);
        await rename(whole, join(folder.path, `1700000000000-${NO_PID}-${segment}.pcapng`));
      }
      await given;
      assert.equal(live.capture.length, 10);
      const newest = `1700000000000-${NO_PID}-3.pcapng`;
      const names = (await readdir(folder.path)).filter((name) => CaptureFolder.isSegment(name));
      assert.deepEqual(names, [newest]);
      // Behind this one, the watcher has told that the others are gone.
      const added = new Promise<void>((resolve) => {
        live.onDidChange(() => {
          if (live.capture.length === 11) resolve();
        });
      });
      await appendFile(join(folder.path, newest), file.bytes.subarray(-one));
      await added;
      assert.deepEqual(logged, []);
    } finally {
      mock.timers.reset();
      Object.assign(workspace, { getConfiguration });
    }
  });

  it("goes on where its folder is deleted: what is gone is counted, and what comes is shown", async () => {
    await writeFile(join(folder.path, SEGMENT), packets(3));
    await live.scan();
    assert.ok([...live.capture.sockets].every(({ state }) => state !== "bound"));
    await rm(folder.path, { recursive: true });
    await live.scan();
    assert.deepEqual([live.capture.length, live.evicted], [0, 3]);
    await writeFile(join(folder.path, SEGMENT.replace("-1.", "-2.")), packets(2));
    await live.scan();
    assert.deepEqual([live.capture.length, live.evicted], [2, 3]);
    assert.deepEqual(logged, []);
  });

  it("reads what another version has left in its folder, as far as it knows it, and leaves the rest alone", async () => {
    const unknown = new PcapngBytes(true)
      .section()
      .block(0x0bad_cafe, [1, 2, 3, 4])
      .interface()
      .packet(0, 1n, [...ipv4Packet("known")]);
    await writeFile(join(folder.path, SEGMENT), unknown.bytes);
    const others = {
      "marks.json": JSON.stringify({ version: 2, files: [{ name: SEGMENT, bytes: 9 }] }),
      "control.json": JSON.stringify({ version: 2, places: [] }),
      [`1700000000000-${NO_PID}-000002.pcapng.zst`]: "packed",
      [`v2-1700000000000-${NO_PID}-000001.pcapng`]: "named in another way",
      "index.sqlite": "of another layout",
    };
    for (const [name, text] of Object.entries(others))
      await writeFile(join(folder.path, name), text);
    // A major version of pcapng that is still to come.
    const next = new PcapngBytes(true).section();
    const bytes = next.bytes.slice();
    new DataView(bytes.buffer).setUint16(12, 2, true);
    await writeFile(join(folder.path, `1700000000001-${NO_PID}-000001.pcapng`), bytes);
    await live.start();
    assert.equal(live.capture.length, 1);
    assert.equal(logged.length, 1, logged.join());
    assert.match(logged.join(), /version.*1700000000001-/);
    assert.deepEqual(live.remarks, logged);
    await live.clear();
    assert.equal(live.capture.length, 0);
    for (const name of Object.keys(others)) {
      if (name !== "marks.json") assert.ok(existsSync(join(folder.path, name)), name);
    }
  });

  it("shows nothing again that was cleared, although its file cannot be removed", async () => {
    folder.remove = () => Promise.reject(new Error("EROFS: read-only file system"));
    const path = join(folder.path, SEGMENT);
    await writeFile(path, packets(3));
    await live.scan();
    assert.equal(live.capture.length, 3);
    await live.clear();
    await live.scan();
    await live.clear();
    await live.scan();
    assert.ok(existsSync(path));
    assert.equal(live.capture.length, 0);
    assert.equal(logged.length, 1);
    assert.match(logged.join(), /^Cannot remove .*: Error: EROFS/);
  });
});
