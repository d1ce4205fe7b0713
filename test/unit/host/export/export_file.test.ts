import assert from "node:assert/strict";
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Uri } from "vscode";
import type { CaptureSource } from "../../../../extension/host/capture/capture_source.ts";
import { SavedCapture } from "../../../../extension/host/capture/saved_capture.ts";
import { ipv4Packet } from "../../support/packets.ts";
import { PcapBytes } from "../../support/pcap_bytes.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

describe("the file of an export", () => {
  let folder: string;
  let saved: SavedCapture;
  let target: string;

  beforeEach(async () => {
    standInForVscode();
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-export-"));
    target = join(folder, "exported.csv");
    const path = join(folder, "saved");
    await writeFile(path, new PcapBytes().packet(1, 0, ipv4Packet("a datagram")).bytes);
    saved = new SavedCapture(path);
    await saved.read();
  });

  afterEach(async () => {
    await saved.close();
    await rm(folder, { recursive: true });
  });

  async function exportTo(path: string): Promise<void> {
    const { exportCapture } = await import("../../../../extension/host/export/export_capture.ts");
    const ids = [saved.capture.idAt(0)];
    const source = saved as unknown as CaptureSource;
    const uri = { scheme: "file", fsPath: path } as Uri;
    await exportCapture({
      source,
      ids,
      uri,
      format: "csv",
      each: "datagram",
      application: "a test",
    });
  }

  it("goes through no link that somebody has planted beside it or in its place, as in /tmp", async () => {
    const precious = join(folder, "precious");
    await writeFile(precious, "precious");
    // What it is called until it is whole could be known before: the process has a number.
    await symlink(precious, `${target}.${process.pid}.part`);
    await symlink(precious, target);
    await exportTo(target);
    assert.equal(await readFile(precious, "utf8"), "precious");
    assert.ok((await lstat(target)).isFile());
    assert.match(await readFile(target, "utf8"), /a datagram/);
  });

  it("leaves nothing beside it, whether it could be written or not", async () => {
    await exportTo(target);
    await assert.rejects(
      exportTo(join(folder, "nowhere", "exported.csv")),
      /^HumanError: Cannot export/,
    );
    await assert.rejects(exportTo(folder), /^HumanError: Cannot export/);
    assert.deepEqual((await readdir(folder)).sort(), ["exported.csv", "saved"]);
    const beside = await readdir(tmpdir());
    assert.deepEqual(
      beside.filter((name) => name.startsWith(`${basename(folder)}.`)),
      [],
    );
  });
});
