import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { waitUntil } from "../support/wait_until.ts";

/** Starts a server as a test does, and tells its process id. */
const TEST = `
  import { onNode24 } from "${new URL("../support/script_scenarios.ts", import.meta.url)}";
  const server = await onNode24().server(["--reply", "chat"], { input: "open" });
  console.log(server.pid);
`;

describe("the tests of the scripts", () => {
  it("leave no program behind, even when they are killed", async function () {
    this.timeout(150_000);
    const stdio = ["ignore", "pipe", "inherit"] as const;
    const test = spawn(process.execPath, ["--input-type=module", "-e", TEST], {
      stdio: [...stdio],
    });
    const [chunk] = await once(test.stdout, "data");
    const pid = Number(`${chunk}`);
    assert.ok(isRunning(pid));
    test.kill("SIGKILL");
    await waitUntil("the server has ended", () => !isRunning(pid), Boolean, { timeoutMs: 60_000 });
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
