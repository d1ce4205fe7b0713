import assert from "node:assert/strict";
import { once } from "node:events";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import {
  parseProcess,
  parseSegmentName,
  parseSocket,
  RECONSTRUCTED_HEADERS,
} from "../../extension/core/wire/tap_identity.ts";
import { describeOn, pythonRuntimes, type Runtime, runtimes } from "../support/runtimes.ts";
import { type CapturedFile, readDatagrams, readFolder } from "./support/capture_folder.ts";
import { runProgram, startProgram } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";

const ROOT = join(import.meta.dirname, "../..");
const PROGRAMS = join(import.meta.dirname, "programs");

describe("the tap records", function () {
  this.timeout(180_000);
  const tapped = TapUnderTest.forSuite();

  /** Runs a program to its good end and returns its one capture file and what it printed. */
  async function record(
    runtime: Runtime,
    program: string,
    words: readonly string[] = [],
  ): Promise<{ file: CapturedFile; printed: unknown }> {
    const path = programOf(runtime, program);
    const tap = tapped.inNewFolder();
    const { exitCode, stdout, stderr } = await runProgram(runtime, path, { tap, words });
    assert.equal(exitCode, 0, stderr);
    assert.equal(stderr, "");
    const [file, ...others] = readFolder(tap.folder);
    assert.ok(file, "there is no capture file");
    assert.deepEqual(others, []);
    assert.equal(file.problem, undefined);
    assert.equal(file.rest, 0);
    return { file, printed: JSON.parse(stdout) };
  }

  describeOn([...runtimes, ...pythonRuntimes], (runtime) => {
    for (const host of ["127.0.0.1", "::1"]) {
      it(`each datagram of the lesson at both of its ends, on ${host}`, async () => {
        const { file, printed } = await record(runtime, "lesson", [host]);
        const { server, client } = printed as { server: number; client: number };
        const [at, any] = host === "::1" ? ["[::1]", "[::]"] : ["127.0.0.1", "0.0.0.0"];

        assert.deepEqual(
          file.sockets.map(({ name }) => name),
          [`${at}:${server}`, `${any}:${client}`],
        );
        const lines = file.datagrams.map(
          ({ socket, direction, source, destination, payload }) =>
            `${socket.id} ${direction} ${source} > ${destination} ${payload}`,
        );
        const expected = ["Michael", "Tracy", "Sarah"].flatMap((name) => [
          `1 out ${any}:${client} > ${at}:${server} ${name}`,
          `0 in ${at}:${client} > ${at}:${server} ${name}`,
          `0 out ${at}:${server} > ${at}:${client} Hello, ${name}!`,
          `1 in ${at}:${server} > ${any}:${client} Hello, ${name}!`,
        ]);
        assert.deepEqual(lines.sort(), expected.sort());
        assert.ok(file.datagrams.every(({ comment, dropped }) => comment === "" && dropped === 0));
      });
    }

    it("of two programs in their order: no answer before its request", async () => {
      const tap = tapped.inNewFolder();
      const isPython = runtime.suffix === ".py";
      const isTypeScript = runtime.name !== "Node 20";
      const script = (name: string) =>
        isPython
          ? programOf(runtime, name)
          : join(ROOT, isTypeScript ? `scripts/udp_${name}.ts` : `dist/scripts/udp_${name}.mjs`);
      const words = isPython ? ["20"] : ["--port", "0", "--count", "20"];
      const server = startProgram(runtime, script("server"), { tap, words });
      const [bound] = await once(server.process.stdout as Readable, "data");
      const port = /on (\d+)/.exec(`${bound}`)?.[1] ?? "";
      const asking = {
        tap,
        words: isPython
          ? [port, "20"]
          : ["--port", port, "--count", "20", "--timeout", "60s", "{seq}"],
      };
      const client = await runProgram(runtime, script("client"), asking);
      assert.equal(client.exitCode, 0, client.stderr);
      await server.ended;
      const lines = [...readDatagrams(tap.folder)]
        .sort((a, b) => a.time - b.time)
        .map(({ direction, payload }) => `${direction} ${payload}`);
      assert.deepEqual(
        lines,
        Array.from({ length: 20 }, (_, at) => `${at + 1}`).flatMap((seq) => [
          `out ${seq}`,
          `in ${seq}`,
          `out Hello, ${seq}!`,
          `in Hello, ${seq}!`,
        ]),
      );
    });

    it("who recorded, and when each socket was closed", async () => {
      const before = Date.now() * 1000;
      const { file } = await record(runtime, "lesson");
      const after = Date.now() * 1000;
      const [section] = file.sections;
      assert.ok(section);
      const writer = parseProcess(section.application);
      assert.ok(writer, section.application);
      assert.equal(
        writer.runtime,
        /^(deno|bun|python)/i.exec(runtime.name)?.[0].toLowerCase() ?? "node",
      );
      assert.equal(writer.program, programOf(runtime, "lesson"));
      assert.equal(writer.thread, 0);
      assert.deepEqual(section.comments, [RECONSTRUCTED_HEADERS]);
      const segment = parseSegmentName(file.name);
      assert.ok(segment, file.name);
      assert.equal(segment.pid, writer.pid);

      assert.deepEqual(
        file.sockets.map(({ description }) => parseSocket(description)),
        [1, 2].map((socket) => ({
          program: basename(programOf(runtime, "lesson")),
          pid: writer.pid,
          thread: 0,
          socket,
        })),
      );
      // Told at once, and again at the end.
      assert.deepEqual(
        file.starts.map(({ id, startTime }) => [id, startTime]),
        [0, 1].map((id) => [id, file.statistics.find((end) => end.id === id)?.startTime]),
      );
      const ends = [...file.statistics].sort((a, b) => a.id - b.id);
      assert.deepEqual(
        ends.map(({ id, received, dropped }) => ({ id, received, dropped })),
        [
          { id: 0, received: 6, dropped: 0 },
          { id: 1, received: 6, dropped: 0 },
        ],
      );
      // The clocks of two processes agree to a few milliseconds.
      const times = [
        ...file.datagrams.map(({ time }) => time),
        ...file.starts.map((start) => start.startTime),
        ...ends.map((end) => end.endTime),
      ];
      for (const time of times) {
        assert.ok(time !== undefined && time > before - 50_000 && time < after + 50_000);
      }
    });

    it("the remote and the real local address of a connected socket", async () => {
      const { file, printed } = await record(runtime, "connected");
      const { peer, connected, free } = printed as Record<"connected" | "free", Local> & {
        peer: number;
      };
      const ofSocket = file.datagrams.filter(
        ({ socket }) => parseSocket(socket.description)?.socket === 2,
      );
      const sent = ofSocket.filter(({ direction }) => direction === "out");
      assert.deepEqual(
        sent.map(({ source, destination, payload }) => `${source} > ${destination} ${payload}`),
        [
          `${connected.address}:${connected.port} > 127.0.0.1:${peer} in parts`,
          `${connected.address}:${connected.port} > 127.0.0.1:${peer} some`,
          `${free.address}:${free.port} > 127.0.0.1:${peer} free`,
        ],
      );
      const [received] = ofSocket.filter(({ direction }) => direction === "in");
      assert.equal(received?.destination, `${connected.address}:${connected.port}`);
      // One socket under several names.
      for (const { socket, source } of sent) assert.equal(socket.name, source);
    });

    it("what failed: a bind, a host name, a send with and without callback", async () => {
      const { file, printed } = await record(runtime, "failures");
      assert.deepEqual(
        file.sockets.map(({ name, comments }) => [name, ...comments]),
        [
          [`127.0.0.1:${printed}`],
          [`127.0.0.1:${printed}`, "bind failed: EADDRINUSE"],
          [`nowhere.invalid:${printed}`, "bind failed: ENOTFOUND"],
        ],
      );
      // Deno learns the outcomes in no certain order.
      const inOrder = file.datagrams.toSorted((a, b) => a.time - b.time);
      assert.deepEqual(
        inOrder.map(({ comment, length }) => [comment, length]),
        [
          ["send failed: EMSGSIZE (65508 bytes)", 65_507],
          ["send failed: EMSGSIZE (70000 bytes)", 65_507],
        ],
      );
      for (const { id } of file.sockets) {
        const end = file.statistics.find((counts) => counts.id === id);
        assert.ok(end?.endTime, `socket ${id} has no end`);
      }
    });
  });
});

/** The program of this name in the language of a runtime. */
function programOf({ suffix }: Runtime, name: string): string {
  return join(PROGRAMS, suffix === ".py" ? `python/${name}.py` : `${name}.mjs`);
}

interface Local {
  readonly address: string;
  readonly port: number;
}
