import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SavedCapture } from "../../../../extension/host/capture/saved_capture.ts";
import { PayloadWindows } from "../../../../extension/host/export/payload_windows.ts";
import { ipv4Packet } from "../../support/packets.ts";
import { PcapBytes } from "../../support/pcap_bytes.ts";

describe("PayloadWindows", () => {
  const DATAGRAMS = 3000;
  const textOf = (index: number) => `${index} `.repeat(1 + (index % 60));
  let folder: string;
  let saved: SavedCapture;
  let windows: PayloadWindows;
  let asked: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-windows-"));
    const path = join(folder, "saved.pcap");
    const bytes = new PcapBytes();
    for (let index = 0; index < DATAGRAMS; index++) {
      bytes.packet(1, index, ipv4Packet(textOf(index)));
    }
    await writeFile(path, bytes.bytes);
    saved = new SavedCapture(path);
    await saved.read();
    asked = 0;
    windows = new PayloadWindows({
      capture: saved.capture,
      payload: (id) => {
        asked++;
        return saved.payload(id);
      },
    });
  });

  afterEach(async () => {
    await windows.close();
    await saved.close();
    await rm(folder, { recursive: true });
  });

  const text = async (index: number) =>
    new TextDecoder().decode(await windows.payload(saved.capture.idAt(index)));

  it("has each payload as the capture has it, in whatever order, and asks it only for the first of each stretch", async () => {
    for (let index = 0; index < DATAGRAMS; index++) assert.equal(await text(index), textOf(index));
    for (const index of [2999, 0, 1500, 1499, 2, 2998]) {
      assert.equal(await text(index), textOf(index));
    }
    assert.ok(asked < 40, `${asked}`);
  });

  it("leaves what it has given as it is when it reads on", async () => {
    const first = await windows.payload(saved.capture.idAt(0));
    for (let index = 1; index < DATAGRAMS; index++) await text(index);
    assert.equal(new TextDecoder().decode(first), textOf(0));
  });

  it("takes nothing from another file that has got the name, nor from one that is shorter now", async () => {
    const path = join(folder, "saved.pcap");
    await rename(path, `${path}.old`);
    await writeFile(path, new Uint8Array(1_000_000).fill(0x41));
    for (const index of [0, 1, 2, 2000]) assert.equal(await text(index), textOf(index));
    assert.equal(asked, 4);
    await writeFile(path, "short");
    assert.equal(await text(2500), textOf(2500));
  });
});
