import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

type Module = typeof import("../../../../extension/host/watching/strace.ts");

describe("strace, where a program is to be watched", () => {
  let strace: Module;
  let folder: string;
  const { PATH } = process.env;

  before(async function () {
    if (process.platform !== "linux") this.skip();
    standInForVscode();
    strace = await import("../../../../extension/host/watching/strace.ts");
    folder = await mkdtemp(join(tmpdir(), "udp strace "));
  });
  afterEach(() => {
    process.env.PATH = PATH;
  });
  after(() => folder && rm(folder, { recursive: true }));

  /** A strace that does this. */
  async function stands(script: string): Promise<void> {
    const path = join(folder, "strace");
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    process.env.PATH = `${folder}:/usr/bin:/bin`;
  }

  it("is missing with a sentence that says what to do", async () => {
    process.env.PATH = folder;
    await rm(join(folder, "strace"), { force: true });
    await assert.rejects(strace.findStrace(), /not installed; install the package/);
  });

  it("has to prove that it may trace, and says what it said where it may not", async () => {
    await stands('echo "strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted" >&2; exit 1');
    await assert.rejects(strace.findStrace(), /Cannot watch a program: .*Operation not permitted/);
  });

  it("is taken as it is where it is too old to let calls pass", async () => {
    await stands(
      'case "$*" in *--seccomp-bpf*) exit 1;; *--version) echo "strace -- version 4.26";; esac',
    );
    const found = await strace.findStrace();
    assert.deepEqual(found, {
      path: join(folder, "strace"),
      version: "4.26",
      stopsLess: false,
    });
  });

  it("is refused for different reasons, each with its cure", () => {
    const said = "not permitted\u202e";
    assert.match(strace.whyNot(said, 3), /until it is started with another .* than 3/);
    assert.match(strace.whyNot(said, 2), /sudo sysctl kernel\.yama\.ptrace_scope=1/);
    for (const scope of [undefined, 0, 1]) {
      assert.match(strace.whyNot(said, scope), /--cap-add=SYS_PTRACE/);
    }
    assert.doesNotMatch(strace.whyNot(said, 1), /\u202e/);
  });
});
