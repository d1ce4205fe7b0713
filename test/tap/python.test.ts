import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { type Datagram, readDatagrams, readFolder } from "./support/capture_folder.ts";
import { until } from "./support/until.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const TAP = join(ROOT, "extension/taps/python");
const PROGRAMS = join(import.meta.dirname, "programs/python");
/** Each that is there is tried; without the first one nothing is. */
const INTERPRETERS = ["python3", "python3.8", "python3.10", "python3.12", "python3.13"];

describe("the tap for Python", () => {
  let folder: string;
  let interpreters: string[] = [];

  before(async function () {
    const found = await Promise.all(
      INTERPRETERS.map((name) =>
        run(name, ["-c", ""]).then(
          () => [name],
          () => [],
        ),
      ),
    );
    interpreters = found.flat();
    if (interpreters.includes("python3")) return;
    if (process.env.CI) assert.fail("Cannot test the tap for Python: python3 is not installed");
    this.skip();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-python-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const environment = (captures: string, path = TAP) => ({
    ...process.env,
    UDP_TAP_DIR: captures,
    PYTHONPATH: path,
  });

  /** What a program prints, without and with the tap; `-W error`: a warning of the tap's would end it. */
  async function both(program: string, interpreter: string): Promise<[string, string, string]> {
    const captures = join(folder, `captures ${interpreter}`);
    const args = ["-W", "error::DeprecationWarning", join(PROGRAMS, program)];
    const plain = await run(interpreter, args);
    const tapped = await run(interpreter, args, { env: environment(captures) });
    return [plain.stdout + plain.stderr, tapped.stdout + tapped.stderr, captures];
  }

  const told = ({ direction, payload, comment }: Datagram) =>
    `${direction} ${payload.length > 40 ? payload.length : payload}${comment && ` (${comment})`}`;

  it("records the first lesson, of which the program sees nothing", async () => {
    for (const interpreter of interpreters) {
      const [plain, tapped, captures] = await both("lesson.py", interpreter);
      assert.equal(tapped, plain, interpreter);
      assert.deepEqual(
        readDatagrams(captures).map(told),
        ["Michael", "Tracy", "Sarah"].flatMap((name) => [
          `out ${name}`,
          `in ${name}`,
          `out Hello, ${name}!`,
          `in Hello, ${name}!`,
        ]),
        interpreter,
      );
      const [file] = readFolder(captures);
      assert.match(
        file?.sections[0]?.application ?? "",
        /^python \S+, pid \d+, ppid \d+: .*lesson/,
      );
      assert.match(file?.sockets[0]?.description ?? "", /^lesson\.py, pid \d+, socket 1$/);
      assert.deepEqual([file?.problem, file?.rest], [undefined, 0]);
      // Both sockets have been seen off: one by the program, the other with its end.
      assert.equal(file?.statistics.filter(({ endTime }) => endTime !== undefined).length, 2);
    }
  });

  it("tells of asyncio, what was cut, what was refused, and what a forked child sends", async () => {
    for (const interpreter of interpreters) {
      const [plain, tapped, captures] = await both("oddities.py", interpreter);
      assert.equal(tapped, plain, interpreter);
      const files = readFolder(captures);
      assert.equal(files.length, 2, interpreter);
      const [parent = [], child = []] = files.map(({ datagrams }) => datagrams.map(told));
      assert.deepEqual(child, ["out from the child"], interpreter);
      assert.deepEqual(parent, [
        "out async",
        "in async",
        "out Hello, async",
        "in Hello, async",
        "out 0123456789",
        "in 0123 (the program's buffer was smaller: the rest is lost)",
        "out 65527 (send failed: EMSGSIZE (70000 bytes))",
        "in from the child",
      ]);
    }
  });

  it("leaves a program without UDP as it was, and loads nothing into one that is not to be watched", async () => {
    for (const interpreter of interpreters) {
      const [plain, tapped, captures] = await both("surroundings.py", interpreter);
      assert.equal(tapped, plain, interpreter);
      assert.equal(existsSync(captures), false);
      const unwatched = await run(interpreter, [join(PROGRAMS, "lesson.py")], {
        env: { ...process.env, PYTHONPATH: TAP },
      });
      assert.match(unwatched.stdout, /Hello, Sarah!/);
    }
  });

  it("runs the sitecustomize that it hides, with its errors", async () => {
    const hidden = join(folder, "with spaces");
    await mkdir(hidden);
    for (const [text, expected] of [
      ["print('hidden', __name__)", /^hidden sitecustomize\nTrue \[\]\n/],
      ["raise ValueError('mine')", /^False \[\]\n/],
    ] as const) {
      await writeFile(join(hidden, "sitecustomize.py"), text);
      const program = join(PROGRAMS, "surroundings.py");
      const path = [TAP, hidden].join(delimiter);
      const { stdout, stderr } = await run("python3", ["-B", program], {
        env: environment(join(folder, "captures"), path),
      });
      assert.match(stdout, expected);
      assert.match(stderr, text.startsWith("raise") ? /ValueError: mine/ : /^$/);
    }
  });

  it("has a datagram in the file while the program waits, and leaves it whole when it is killed", async () => {
    const captures = join(folder, "captures");
    const text = `
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b"one", ("127.0.0.1", 9))
print("sent", flush=True)
time.sleep(600)`;
    const child = spawn("python3", ["-c", text], { env: environment(captures) });
    try {
      await once(child.stdout, "data");
      await until(
        "the datagram is there",
        () => existsSync(captures) && readDatagrams(captures).length === 1,
      );
    } finally {
      child.kill("SIGKILL");
    }
    await once(child, "exit");
    assert.deepEqual(readDatagrams(captures).map(told), ["out one"]);
    assert.match(readFolder(captures)[0]?.sections[0]?.application ?? "", /: \[eval\]$/);
  });

  it("counts what it cannot keep, and runs on where it can keep nothing", async () => {
    const text = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for number in range(3000):
    s.sendto(bytes(1000), ("127.0.0.1", 9))
print("done")`;
    const captures = join(folder, "captures");
    const small = { ...environment(captures), UDP_TAP_QUOTA: "200000" };
    assert.equal((await run("python3", ["-c", text], { env: small })).stdout, "done\n");
    const files = readFolder(captures);
    const kept = files.flatMap(({ datagrams }) => datagrams).length;
    const dropped = files.flatMap(({ statistics }) => statistics).at(-1)?.dropped;
    assert.ok(kept > 50 && kept < 300, `${kept}`);
    assert.equal(kept + Number(dropped), 3000);
    const nowhere = environment("/proc/nowhere/captures");
    assert.equal((await run("python3", ["-c", text], { env: nowhere })).stdout, "done\n");
  });
});
