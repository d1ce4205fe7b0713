import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogOutputChannel } from "vscode";
import { Delivery } from "../../extension/core/capture/delivery.ts";
import { CaptureFolder } from "../../extension/host/capture/capture_folder.ts";
import { pythons } from "../support/pythons.ts";
import { defaultRuntime, pythonRuntimes, type Runtime } from "../support/runtimes.ts";
import { standInForVscode } from "../unit/support/vscode_stand_in.ts";
import { type Program, startProgram } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";
import { until } from "./support/until.ts";

const ROOT = join(import.meta.dirname, "../..");
const PEERS = join(ROOT, "test/scripts/peers");
const NAMES = ["Michael", "Tracy", "Sarah"];

/** A server or a client of the lesson, and its arguments: for a client with the server's port. */
interface Peer {
  readonly runtime: Runtime | undefined;
  readonly path: string;
  words(port: number): readonly string[];
}

const [python] = pythonRuntimes;
const THEIR_SERVER: Peer = {
  runtime: python,
  path: join(PEERS, "server.py"),
  words: () => ["greet"],
};
const THEIR_CLIENT: Peer = {
  runtime: python,
  path: join(PEERS, "client.py"),
  words: (port) => [String(port), ...NAMES],
};
const OUR_SERVER: Peer = {
  runtime: defaultRuntime,
  path: join(ROOT, "scripts/udp_server.ts"),
  words: () => ["--port", "0"],
};
const OUR_CLIENT: Peer = {
  runtime: defaultRuntime,
  path: join(ROOT, "scripts/udp_client.ts"),
  words: (port) => ["--port", String(port)],
};

const LESSONS: Readonly<Record<string, readonly [Peer, Peer]>> = {
  "both in Python": [THEIR_SERVER, THEIR_CLIENT],
  "our server, their client": [OUR_SERVER, THEIR_CLIENT],
  "their server, our client": [THEIR_SERVER, OUR_CLIENT],
};

describe("the first lesson with Python", function () {
  this.timeout(120_000);
  const tapped = TapUnderTest.forSuite();
  let storage: string;

  before(function () {
    if (pythons.length === 0) this.skip();
    standInForVscode();
  });
  beforeEach(async () => {
    storage = await mkdtemp(join(tmpdir(), "udp-lesson-"));
  });
  afterEach(() => rm(storage, { recursive: true, force: true }));

  for (const [name, [server, client]] of Object.entries(LESSONS)) {
    it(`is six rows, each delivered, and two ports: ${name}`, async () => {
      const folder = await CaptureFolder.open(storage, CaptureFolder.nameOf("file:///workspace"));
      const { LiveCapture } = await import("../../extension/host/capture/live_capture.ts");
      const log = { error: assert.fail, warn: assert.fail } as unknown as LogOutputChannel;
      const live = new LiveCapture(folder, log);
      try {
        const start = ({ runtime, path, words }: Peer, port: number): Program =>
          startProgram(runtime ?? assert.fail(), path, {
            tap: { path: tapped.path, folder: folder.path },
            words: words(port),
          });
        const serving = start(server, 0);
        let printed = "";
        serving.process.stdout?.on("data", (text: string) => {
          printed += text;
        });
        const bound = /Bind UDP on (?:127\.0\.0\.1:)?(\d+)/;
        await until("the server is bound", () => bound.test(printed));
        const port = Number(bound.exec(printed)?.[1]);
        const { exitCode, stdout } = await start(client, port).ended;
        assert.equal(exitCode, 0);
        assert.deepEqual(
          NAMES.filter((it) => stdout.includes(`Hello, ${it}!`)),
          NAMES,
        );
        const { capture } = live;
        const count = (state: Delivery) => {
          const ids = Array.from({ length: capture.length }, (_, at) => capture.idAt(at));
          return ids.filter((id) => capture.delivery(id) === state).length;
        };
        for (let tries = 0; count(Delivery.receipt) < 6 && tries < 500; tries++) {
          await live.scan();
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        assert.equal(count(Delivery.delivered), 6);
        // Each is a sending and a receipt.
        assert.equal(capture.length, 12);
        const ports = [...capture.sockets].map(({ name }) => name);
        assert.equal(new Set(ports).size, 2);
        assert.ok(ports.includes(`127.0.0.1:${port}`));
      } finally {
        live.dispose();
      }
    });
  }
});
