import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import type { Uri } from "vscode";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

describe("the file of a URI", () => {
  const working = { scheme: "file", fsPath: "/project/a.pcap", path: "/project/a.pcap" } as Uri;
  const committed = { ...working, scheme: "git" } as Uri;

  async function localFile(uri: Uri, bytes: Uint8Array, told = bytes.length, most = 10) {
    standInForVscode();
    const { workspace } = await import("vscode");
    const fs = { stat: async () => ({ size: told }), readFile: async () => bytes };
    Object.assign(workspace, { fs });
    const module = await import("../../../../extension/host/capture/local_file.ts");
    return module.localFile(uri, most);
  }

  it("is the file itself on this disk", async () => {
    const { path } = await localFile(working, Uint8Array.of(1));
    assert.equal(path, "/project/a.pcap");
  });

  it("is what its file system has under another scheme, not the working file; gone when it is removed", async () => {
    const { path, remove } = await localFile(committed, Uint8Array.of(1, 2, 3));
    assert.deepEqual([...readFileSync(path)], [1, 2, 3]);
    if (process.platform !== "win32") assert.equal(statSync(path).mode & 0o077, 0);
    await remove();
    assert.ok(!existsSync(path));
  });

  for (const [what, told] of Object.entries({ "says so": 11, "says another thing": 1 })) {
    it(`is refused where it has too much and ${what}`, async () => {
      await assert.rejects(localFile(committed, new Uint8Array(11), told), {
        name: "HumanError",
        message: /^Cannot read a capture of 11 bytes from git: it can have 10 there; save it/,
      });
    });
  }
});
