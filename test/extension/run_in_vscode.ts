// `npm run test:extension`: runs the suites of this folder inside VS Code. Desktop VS Code of the version that VSCODE_VERSION
// names ("1.101.0", "stable"), which is downloaded; else the one that is there (VSCODE_EXECUTABLE, or `code` on the path);
// elsewhere VS Code's server build with a headless browser, which needs no screen and no download server, and of
// which UDP_TEST_VSCODE names a version (vscode_build.ts). Same tests, same exit code. Of the server build there are two
// at a time, each with every second suite: they wait more than they work.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { runTests } from "@vscode/test-electron";
import { projectFolder } from "../support/cache_folder.ts";
import { desktopExecutable } from "../support/desktop_vscode.ts";

const {
  VSCODE_VERSION: version,
  UDP_TEST_VSCODE: serverVersion,
  UDP_TEST_SHARE: share,
} = process.env;
const desktop = serverVersion ? undefined : desktopExecutable();
if (version || desktop || share) await runHere();
else {
  const codes = await Promise.all([runShare("1/2"), runShare("2/2")]);
  process.exitCode = codes.find((code) => code !== 0) ?? 0;
}

/** Runs a share of the suites in a process of its own; what it prints comes in one piece, or two shares would mix. */
async function runShare(share: string): Promise<number> {
  const child = spawn(process.execPath, [import.meta.filename], {
    env: { ...process.env, UDP_TEST_SHARE: share },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  process.stdout.write(printed);
  return code ?? 1;
}

async function runHere(): Promise<void> {
  // The workspace of the window: a project that the tests fill.
  const workspace = mkdtempSync(join(tmpdir(), "udp-workbench-workspace-"));
  const here = desktop ?? join(projectFolder, "test/support/vscode_cli.ts");
  try {
    await runTests({
      ...(version ? { version } : { vscodeExecutablePath: here }),
      extensionDevelopmentPath: [projectFolder, join(import.meta.dirname, "python_debugger")],
      extensionTestsPath: join(projectFolder, "dist/test/extension.cjs"),
      launchArgs: ["--disable-extensions", workspace],
      // The wrapper is started by its first line; it needs this Node, not whichever the system has.
      extensionTestsEnv: { PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` },
    });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    rmSync(workspace, { recursive: true });
  }
}
