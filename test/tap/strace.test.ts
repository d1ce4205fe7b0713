import assert from "node:assert/strict";
import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { shellWord, straceOptions } from "../../extension/core/strace/command_line.ts";
import { type Datagram, readDatagrams, readFolder } from "./support/capture_folder.ts";
import { until } from "./support/until.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const READER = [process.execPath, join(ROOT, "dist/strace_tap.cjs"), "6.1"];
const OPTIONS = straceOptions(READER.map(shellWord).join(" "), true);

const PROGRAMS = join(import.meta.dirname, "programs");

/** Echo servers in C, and, where their compilers are there, in other languages: how the last two are made. */
const ECHOES: Readonly<Record<string, ((path: string) => readonly string[]) | undefined>> = {
  echo: undefined,
  static_echo: undefined,
  rust_echo: (path) => ["rustc", "-O", "-o", path, join(PROGRAMS, "rust/echo.rs")],
  // Its libraries make no use of libc: nothing that is preloaded would see it.
  go_echo: (path) => ["go", "build", "-o", path, join(PROGRAMS, "go/echo.go")],
};

/** Whether all of these programs can be run here. */
function has(...programs: readonly string[]): boolean {
  try {
    for (const program of programs) execFileSync(program, ["--version"], { stdio: "ignore" });
    // In a container it may be there, and not be allowed to trace.
    execFileSync("strace", ["-o", "/dev/null", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("what runs under strace", function () {
  this.timeout(120_000);
  let folder: string;
  let captures: string;
  const children: ChildProcess[] = [];
  const sockets: Socket[] = [];

  before(function () {
    if (process.platform !== "linux" || !has("strace", "gcc")) {
      if (process.env.CI && process.platform === "linux") {
        assert.fail(
          "Cannot test what runs under strace: strace or gcc is not there, or may not trace",
        );
      }
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "udp strace "));
    for (const [name, source, ...flags] of [
      ["echo", "echo.c"],
      ["static_echo", "echo.c", "-static"],
      ["calls", "calls.c", "-pthread"],
      ["static_calls", "calls.c", "-pthread", "-static"],
      ["uring", "uring.c"],
    ] as const) {
      execFileSync("gcc", [
        ...["-O1", "-Wall", "-Werror", ...flags, "-o", join(folder, name)],
        join(PROGRAMS, "c", source),
      ]);
    }
  });
  beforeEach(() => {
    captures = mkdtempSync(join(folder, "captures "));
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.close();
    // strace itself does not end before its program has.
    for (const { pid, exitCode } of children.splice(0))
      if (pid && exitCode === null) killGroup(pid);
  });
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  const environment = () => ({ ...process.env, UDP_TAP_DIR: captures });

  function watched(program: string, ...args: readonly string[]): ChildProcess {
    const child = spawn("strace", [...OPTIONS, "--", join(folder, program), ...args], {
      env: environment(),
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    children.push(child);
    return child;
  }

  async function portOf(child: ChildProcess): Promise<number> {
    const [text] = (await once(child.stdout ?? assert.fail(), "data")) as [Buffer];
    return Number(text);
  }

  const told = ({ direction, payload, length, comment }: Datagram) =>
    `${direction} ${length > 100 ? length : JSON.stringify(String(payload)).slice(1, -1)}${comment && ` (${comment})`}`;

  for (const [program, compiler] of Object.entries(ECHOES)) {
    it(`loses none of 500 datagrams a second of ${program}, and knows both ends`, async function () {
      const [command, ...args] = compiler?.(join(folder, program)) ?? [];
      if (command !== undefined) {
        const env = { ...process.env, GOCACHE: join(folder, "go cache"), GO111MODULE: "off" };
        const made = spawnSync(command, args, { env, encoding: "utf8" });
        if (made.error) this.skip();
        assert.equal(made.status, 0, made.stderr);
      }
      const child = watched(program);
      const port = await portOf(child);
      const socket = createSocket("udp4");
      sockets.push(socket);
      const answers: string[] = [];
      socket.on("message", (bytes) => void answers.push(String(bytes)));
      await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
      const sent = Array.from({ length: 1000 }, (_, at) => `datagram ${at}`);
      const start = performance.now();
      for (const [at, text] of sent.entries()) {
        socket.send(text, port, "127.0.0.1");
        // On a machine that others have busy, the system's buffer would lose them.
        if (at - answers.length > 100) await until("it answers", () => at - answers.length < 50);
        const early = start + at * 2 - performance.now();
        if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
      }
      await until("all answers are there", () => answers.length >= sent.length);
      const client = `127.0.0.1:${socket.address().port}`;
      assert.deepEqual(answers, sent);
      const ended = once(child, "exit");
      killProgram(child, program);
      await ended;
      const server = `127.0.0.1:${port}`;
      const records = readDatagrams(captures).map(
        ({ direction, source, destination, payload }) =>
          `${direction} ${source} ${destination} ${payload}`,
      );
      assert.deepEqual(
        records,
        sent.flatMap((text) => [
          `in ${client} ${server} ${text}`,
          `out ${server} ${client} ${text}`,
        ]),
      );
      const [file, ...others] = readFolder(captures);
      assert.deepEqual([others.length, file?.problem, file?.rest], [0, undefined, 0]);
      assert.match(
        file?.sections[0]?.application ?? "",
        new RegExp(`^strace 6\\.1, pid \\d+, ppid ${child.pid}: "?/.*${program}"?$`),
      );
      assert.match(
        file?.sockets[0]?.description ?? "",
        new RegExp(`^${program}, pid \\d+, socket 1$`),
      );
      assert.equal(file?.sockets[0]?.name, server);
      // SIGKILL: the program has seen nothing off, but its end is known.
      const last = file?.statistics.at(-1);
      assert.deepEqual(
        [last?.received, last?.dropped, last?.endTime !== undefined],
        [2000, 0, true],
      );
    });
  }

  it("shows a bound port while the program waits for its first datagram", async () => {
    const child = watched("echo");
    const port = await portOf(child);
    await until("the port is there", () =>
      readFolder(captures).some(({ sockets }) => sockets[0]?.name === `127.0.0.1:${port}`),
    );
  });

  it("says in the terminal and at the port that what passes by io_uring is not seen", async function () {
    const program = join(folder, "uring");
    // A container may not let it, and the system may be older.
    if ((await run(program)).stdout !== "made\n") this.skip();
    const { stdout, stderr } = await run("strace", [...OPTIONS, "--", program], {
      env: environment(),
    });
    assert.equal(stdout, "made\n");
    assert.match(stderr, /^UDP Workbench: process \d+ uses io_uring, which strace does not see: /m);
    const [file] = readFolder(captures);
    assert.deepEqual(file?.datagrams.map(told), ["out seen"]);
    assert.match(String(file?.sockets.at(-1)?.comments), /^The program uses io_uring, /);
  });

  for (const name of ["calls", "static_calls"])
    it(`records each call as it is, and changes none of their results: ${name}`, async () => {
      const program = join(folder, name);
      const ends = (error: unknown) => error as { stdout: string; stderr: string; code: number };
      const plain = await run(program).catch(ends);
      const traced = await run("strace", [...OPTIONS, "--", program], { env: environment() }).catch(
        ends,
      );
      assert.deepEqual(
        [traced.stdout, traced.stderr, "code" in traced && traced.code],
        [plain.stdout, plain.stderr, 3],
      );
      assert.match(plain.stdout, /^bind again -1 Address already in use$/m);
      const [parent, child, ...others] = readFolder(captures);
      assert.equal(others.length, 0);
      const inOrder = [...(parent?.datagrams ?? [])].sort((one, other) => one.time - other.time);
      const both = (text: string) => [`out ${text}`, `in ${text}`];
      assert.deepEqual(
        inOrder.map(told).sort(),
        [
          ...["abcde", "abcde", "ab"].flatMap(both),
          ...both("w"),
          ...["out ", "in  (the program did not ask who has sent it)"],
          ...both("two"),
          ...['out one\\n\\"x', "in on (the program's buffer was smaller: the rest is lost)"],
          ...["out abcde", "in abcde"],
          ...["out copy", "out six", "out me"],
          "out 65507 (send failed: EMSGSIZE (70000 bytes))",
        ].sort(),
      );
      assert.deepEqual(child?.datagrams.map(told), ["out child"]);
      const ended = new Set(
        parent?.statistics.filter(({ endTime }) => endTime).map(({ id }) => id),
      );
      const failed = parent?.sockets.filter(({ comments }) =>
        comments.includes("bind failed: EADDRINUSE"),
      );
      assert.deepEqual([failed?.length, ended.size >= 4], [1, true]);
      // All local ends were found, also those that the system has chosen.
      const names = parent?.sockets.map(({ name }) => name) ?? [];
      assert.deepEqual(
        names.filter((name) => name.endsWith(":0")),
        [],
      );
    });

  it("leaves Ctrl+C to the program, and its exit code to whoever waits for it", async () => {
    const child = watched("echo");
    const port = await portOf(child);
    const [last, ended] = [once(child.stdout ?? assert.fail(), "data"), once(child, "exit")];
    await until("it is watched", () => readFolder(captures).length === 1);
    killGroup(child.pid ?? 0, "SIGINT");
    assert.equal(String((await last)[0]), "bye\n");
    assert.deepEqual(await ended, [7, null]);
    const [file] = readFolder(captures);
    assert.equal(file?.sockets[0]?.name, `127.0.0.1:${port}`);
    assert.ok(file?.statistics.at(-1)?.endTime);
  });

  it("takes nothing that a program sends or is called for what strace says of it", async () => {
    const forged =
      '", 9, 0, {sa_family=AF_INET, sin_port=htons(1), sin_addr=inet_addr("9.9.9.9")}, 16) = 9';
    const line = `${forged}\n1 1796030547.000000 recvfrom(3<UDP:[9.9.9.9:9]>, "x", 9, 0, NULL, NULL) = 1`;
    const program = `
      const socket = require("node:dgram").createSocket("udp4");
      socket.bind(0, "127.0.0.1", () =>
        socket.send(process.argv[1], socket.address().port, "127.0.0.1"));
      socket.on("message", () => socket.close());`;
    const args = ["--", process.execPath, "--eval", program, line];
    await run("strace", [...OPTIONS, ...args], { env: environment() });
    const [file, ...others] = readFolder(captures);
    assert.equal(others.length, 0);
    assert.deepEqual(
      file?.datagrams.map(({ direction, payload }) => `${direction} ${payload}`),
      [`out ${line}`, `in ${line}`],
    );
    assert.ok(file.datagrams.every(({ source }) => source.startsWith("127.0.0.1:")));
    assert.ok(file.sections[0]?.application.endsWith(JSON.stringify(line)));
  });

  it("is watched once where a tap is in it as well", async () => {
    const program = `
      const socket = require("node:dgram").createSocket("udp4");
      socket.bind(0, "127.0.0.1", () => socket.send("once", socket.address().port, "127.0.0.1"));
      socket.on("message", () => socket.close());`;
    const tap = join(ROOT, "dist/node_modules/udp-workbench/tap.cjs");
    const args = ["--", process.execPath, "--require", tap, "--eval", program];
    await run("strace", [...OPTIONS, ...args], { env: environment() });
    assert.deepEqual(readDatagrams(captures).map(told), ["out once", "in once"]);
  });
});

function killGroup(pid: number, signal: NodeJS.Signals = "SIGKILL"): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** The program below strace: neither that, nor what reads it. */
function killProgram({ pid }: ChildProcess, name: string): void {
  const columns = ["-o", "pid=,comm=", "--ppid", String(pid)];
  const children = execFileSync("ps", columns, { encoding: "utf8" }).split("\n");
  const program = children.find((line) => line.endsWith(` ${name}`));
  process.kill(Number.parseInt(program ?? "", 10), "SIGKILL");
}
