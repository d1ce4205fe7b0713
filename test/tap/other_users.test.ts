import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlPath } from "../../extension/core/wire/control_message.ts";
import { CaptureFolder } from "../../extension/host/capture/capture_folder.ts";
import { ControlPlace } from "../../extension/host/control/control_place.ts";
import {
  defaultRuntime,
  describeOn,
  pythonRuntimes,
  type Runtime,
  runtimes,
} from "../support/runtimes.ts";
import { startProgram } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";
import { until } from "./support/until.ts";

const PROGRAMS = join(import.meta.dirname, "programs");
/** The user and the group that own nothing. */
const NOBODY = 65_534;
const TRIED = ["list", "read", "write", "connect"];

describe("other users of the machine", function () {
  this.timeout(180_000);
  const tapped = TapUnderTest.forSuite();
  let open: string;
  let umask: number;
  let place: ControlPlace | undefined;

  before(function () {
    // Only root can be somebody else.
    if (process.platform === "win32" || process.getuid?.() !== 0) this.skip();
  });

  beforeEach(() => {
    // Everybody may look into what is around the folder: it is its own mode that has to hold.
    open = mkdtempSync(join(tmpdir(), "udp-others-"));
    chmodSync(open, 0o755);
    // Nor is it the umask's doing.
    umask = process.umask(0);
  });

  afterEach(() => {
    process.umask(umask);
    for (const folder of [open, place?.place]) {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    }
    place = undefined;
  });

  for (const [maker, make] of Object.entries({
    "its tap": () => join(open, "captures"),
    "the window": async () => {
      const { path } = await CaptureFolder.open(open, CaptureFolder.nameOf("file:///workspace"));
      chmodSync(join(path, ".."), 0o755);
      return path;
    },
  })) {
    it(`can neither read the capture folder nor reach a program's control socket: made by ${maker}`, async () => {
      const folder = await make();
      place = await ControlPlace.open(open);
      assert.ok(place);
      const program = startProgram(defaultRuntime, join(PROGRAMS, "controlled.mjs"), {
        tap: { path: tapped.path, folder },
        environment: place.environment,
      });
      const [line] = (await once(program.process.stdout ?? program.process, "data")) as [string];
      const socket = controlPath(place.place, (JSON.parse(line) as { pid: number }).pid, 0);
      const asked = (env: NodeJS.ProcessEnv): Record<string, string> => {
        const name = readdirSync(folder).find((it) => CaptureFolder.isSegment(it)) ?? "";
        const words = [join(PROGRAMS, "stranger.cjs"), folder, join(folder, name), socket];
        const options = { env, encoding: "utf8", timeout: 20_000 } as const;
        return JSON.parse(execFileSync(process.execPath, words, options)) as Record<string, string>;
      };
      // Who runs the program can do all of it: else this would be no test.
      await until("the program is there", () => {
        const said = asked({ STAY: "" });
        return TRIED.every((what) => said[what] === "yes");
      });
      assert.deepEqual(asked({}), Object.fromEntries(TRIED.map((what) => [what, "EACCES"])));
      // Were it let in: each file is its user's alone, too.
      const names = readdirSync(folder).filter((name) => name !== "planted");
      assert.ok(names.length > 0, `${names}`);
      for (const name of names) assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name);
    });
  }
});

describe("a folder that the environment names", function () {
  this.timeout(180_000);
  const tapped = TapUnderTest.forSuite();
  const mayChown = process.getuid?.() === 0;
  let folder: string;
  /** It is this user's alone: what lies in it is what is looked at. */
  let root: string;

  before(function () {
    // Access lists say it there.
    if (process.platform === "win32") this.skip();
  });

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "udp-named-"));
    folder = join(root, "captures");
    mkdirSync(folder, { mode: 0o700 });
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** What a program that runs for longer than it takes to listen has left, or had, in the folder. */
  async function writtenBy(runtime: Runtime, named = folder): Promise<string[]> {
    const name = runtime.suffix === ".py" ? "python/controlled.py" : "controlled.mjs";
    const program = startProgram(runtime, join(PROGRAMS, name), {
      tap: { path: tapped.path, folder: named },
      environment: { UDP_TAP_CONTROL: `${named}/`, UDP_TAP_TOKEN: "token" },
      words: ["short"],
    });
    const seen = new Set<string>();
    const look = setInterval(() => readdirSync(folder).forEach((name) => void seen.add(name)), 20);
    const { exitCode, stderr } = await program.ended;
    clearInterval(look);
    assert.deepEqual([exitCode, stderr], [0, ""]);
    return [...seen, ...readdirSync(folder)];
  }

  const kindsIn = (names: readonly string[]) => ({
    captures: names.some((name) => CaptureFolder.isSegment(name)),
    sockets: names.some((name) => /^\d+$/.test(name)),
    used: names.includes("used"),
  });
  const ALL = { captures: true, sockets: true, used: true };

  describeOn([...runtimes, ...pythonRuntimes], (runtime) => {
    it("is written to where it is the user's alone, and has nothing where others can write to it", async () => {
      assert.deepEqual(kindsIn(await writtenBy(runtime)), ALL);
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      // More than who runs the program may read: that is for the files themselves to forbid.
      chmodSync(folder, 0o755);
      assert.deepEqual(kindsIn(await writtenBy(runtime)), ALL);
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      for (const mode of [0o720, 0o702, 0o777, 0o1777]) {
        chmodSync(folder, mode);
        assert.deepEqual(await writtenBy(runtime), [], mode.toString(8));
      }
    });
  });

  const askingWho = runtimes.filter(({ name }) => !name.startsWith("Deno"));
  for (const runtime of [...askingWho, ...pythonRuntimes]) {
    it(`has nothing where it is another user's, or the link to it is: ${runtime.name}`, async function () {
      if (!mayChown || runtime.command === undefined) this.skip();
      const link = join(root, "link");
      symlinkSync(folder, link);
      assert.deepEqual(kindsIn(await writtenBy(runtime, link)), ALL);
      rmSync(folder, { recursive: true });
      mkdirSync(folder, { mode: 0o700 });
      lchownSync(link, NOBODY, NOBODY);
      assert.deepEqual(await writtenBy(runtime, link), []);
      chownSync(folder, NOBODY, NOBODY);
      assert.deepEqual(await writtenBy(runtime), []);
    });
  }
});
