import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { codeCommand, desktopExecutable } from "../support/desktop_vscode.ts";

/** Where the `code` command and the program are in an installation of this system. */
const LAYOUTS: Partial<Record<NodeJS.Platform, readonly [command: string, program: string]>> = {
  linux: ["bin/code", "code"],
  darwin: ["Contents/Resources/app/bin/code", "Contents/MacOS/Electron"],
  win32: ["bin/code.cmd", "Code.exe"],
};

describe("desktopExecutable()", () => {
  const [command, program] = LAYOUTS[process.platform] ?? ["bin/code", "code"];
  const screen = { DISPLAY: ":0" };
  let folder: string;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "udp-workbench-desktop-")));
    for (const file of [command, program]) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), "");
    }
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("takes the program that VSCODE_EXECUTABLE names", () => {
    const env = {
      ...screen,
      VSCODE_EXECUTABLE: "/opt/insiders",
      PATH: dirname(join(folder, command)),
    };
    assert.equal(desktopExecutable(env), "/opt/insiders");
  });

  it("finds the program to which the code command on the path belongs", () => {
    const env = { ...screen, PATH: dirname(join(folder, command)) };
    assert.equal(codeCommand(env), join(folder, command));
    assert.equal(desktopExecutable(env), join(folder, program));
  });

  it("follows a link to the code command", async function link() {
    if (process.platform === "win32") this.skip(); // there is none
    const links = join(folder, "elsewhere/bin");
    await mkdir(links, { recursive: true });
    await symlink(join(folder, command), join(links, "code"));
    assert.equal(desktopExecutable({ ...screen, PATH: links }), join(folder, program));
  });

  it("finds nothing where code is not on the path", () => {
    assert.equal(desktopExecutable({ ...screen, PATH: join(folder, "empty") }), undefined);
    assert.equal(desktopExecutable({}), undefined);
  });

  it("finds nothing without a screen to show it on", function screenless() {
    if (process.platform !== "linux") this.skip(); // others always have one
    assert.equal(desktopExecutable({ PATH: dirname(join(folder, command)) }), undefined);
  });
});
