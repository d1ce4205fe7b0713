import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../support/cache_folder.ts";

const cli = join(projectFolder, "test/support/vscode_cli.ts");

describe("vscode_cli", function cliSuite() {
  this.timeout(300_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-cli-"));
    const manifest = {
      name: "tested",
      publisher: "test",
      version: "1.0.0",
      engines: { vscode: "*" },
    };
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  });
  after(() => rm(folder, { recursive: true }));

  it("prints what the tests print, and ends with 0 when they pass", async () => {
    const { exitCode, output } = await runTests(`
      const vscode = require("vscode");
      const extension = vscode.extensions.getExtension("test.tested");
      console.log("testing %s %s", extension.id, extension.packageJSON.version);
      console.error("with a complaint");
    `);
    assert.equal(output, "testing test.tested 1.0.0\nwith a complaint\n");
    assert.equal(exitCode, 0);
  });

  it("says what failed, and ends with 1", async () => {
    const { exitCode, output } = await runTests(`throw new Error("2 of 3 tests failed");`);
    assert.match(output, /Error: 2 of 3 tests failed/);
    assert.equal(exitCode, 1);
  });

  it("ends with 1 when the extension host dies before the tests end", async () => {
    const { exitCode, output } = await runTests(`process.exit(0);`);
    assert.match(
      output,
      /Cannot tell how the tests went: the extension host ended before they did/,
    );
    assert.equal(exitCode, 1);
  });

  it("ends with 1 when there is no such test module", async () => {
    const { exitCode, output } = await startCli(join(folder, "missing.cjs"));
    assert.match(output, /Cannot find module '.*missing\.cjs'/);
    assert.equal(exitCode, 1);
  });

  async function runTests(body: string): Promise<{ exitCode: number; output: string }> {
    const tests = join(folder, "tests.cjs");
    await writeFile(tests, `exports.run = async () => { ${body} };`);
    return startCli(tests);
  }

  async function startCli(tests: string): Promise<{ exitCode: number; output: string }> {
    const flags = [`--extensionDevelopmentPath=${folder}`, `--extensionTestsPath=${tests}`];
    const child = spawn(process.execPath, [cli, "--no-sandbox", "--user-data-dir=x", ...flags]);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const [exitCode] = (await once(child, "close")) as [number];
    return { exitCode, output };
  }
});
