import assert from "node:assert/strict";
import { join } from "node:path";
import { pythonWith } from "../support/pythons.ts";
import { PYTHON_TAP } from "../support/runtimes.ts";
import { readDatagrams } from "./support/capture_folder.ts";
import { runProgram } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";

const PROGRAMS = join(import.meta.dirname, "programs/python/packages");

interface Conversation {
  /** The module of the package. */
  readonly module: string;
  /** What one of the payloads holds, and a word of what the program prints. */
  readonly payload: string;
  readonly printed: string;
  /** Datagrams out and in; not said where they are as many as it takes. */
  readonly sent?: number;
  readonly received?: number;
  readonly needsRoot?: boolean;
}

const PACKAGES: Readonly<Record<string, Conversation>> = {
  dns_query: {
    module: "dns",
    payload: "\x03two\x07example",
    printed: "192.0.2.7",
    sent: 4,
    received: 4,
  },
  pysnmp_get: { module: "pysnmp", payload: "a switch", printed: "a switch", sent: 2, received: 2 },
  statsd_client: {
    module: "statsd",
    payload: "test.load:7|g",
    printed: "test.two",
    sent: 3,
    received: 3,
  },
  twisted_echo: {
    module: "twisted",
    payload: "Hello, Sarah",
    printed: "Hello, Sarah",
    sent: 6,
    received: 6,
  },
  zeroconf_service: { module: "zeroconf", payload: "\x07printer", printed: "printer.local. 4242" },
  // Their sockets are no `socket.socket`: unseen, as docs/programs.md says.
  uvloop_echo: { module: "uvloop", payload: "", printed: "Hello, uvloop", sent: 0, received: 0 },
  scapy_packet: {
    module: "scapy",
    payload: "made by hand",
    printed: "made by hand",
    sent: 0,
    received: 1,
    needsRoot: true,
  },
};

describe("a program in Python that uses a package of Debian's", function () {
  this.timeout(120_000);
  const tapped = TapUnderTest.forSuite();

  for (const [program, conversation] of Object.entries(PACKAGES)) {
    const { module, payload, printed, sent, received, needsRoot } = conversation;

    it(`prints the same when it is watched, and is recorded as it talks: ${module}`, async function () {
      const command = pythonWith(module);
      if (command === undefined || (needsRoot && process.getuid?.() !== 0)) this.skip();
      const python = {
        name: module,
        command,
        bare: () => [],
        tapped: () => [],
        environment: { PYTHONPATH: PYTHON_TAP },
      };
      const tap = tapped.inNewFolder();
      const path = join(PROGRAMS, `${program}.py`);
      const bare = await runProgram(python, path);
      // Root of a container that has not that right.
      if (needsRoot && bare.stderr.includes("PermissionError")) this.skip();
      const watched = await runProgram(python, path, { tap });
      assert.equal(bare.exitCode, 0, bare.stderr);
      assert.ok(bare.stdout.includes(printed), bare.stdout);
      assert.deepEqual(watched, bare);
      const datagrams = readDatagrams(tap.folder);
      const of = (wanted: string) => datagrams.filter(({ direction }) => direction === wanted);
      if (sent !== undefined) assert.equal(of("out").length, sent);
      if (received !== undefined) assert.equal(of("in").length, received);
      assert.ok(sent === 0 || of("out").some((one) => one.payload.includes(payload)));
      assert.ok(received === 0 || of("in").some((one) => one.payload.includes(payload)));
      for (const { comment, dropped } of datagrams) assert.deepEqual([comment, dropped], ["", 0]);
    });
  }
});
