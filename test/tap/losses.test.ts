import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import type { Capture } from "../../extension/core/capture/capture.ts";
import { atOnce } from "../../extension/core/capture/steps.ts";
import { findingLosses, type Losses } from "../../extension/core/losses/losses.ts";
import { bufferFor } from "../../extension/core/losses/receive_buffer.ts";
import { projectFolder } from "../support/cache_folder.ts";
import { captureWith } from "../support/capture_of_folder.ts";
import { pythons } from "../support/pythons.ts";
import { PYTHON_TAP } from "../support/runtimes.ts";

const TAP = join(projectFolder, "dist/node_modules/udp-workbench/tap.cjs");
const PROGRAMS = join(import.meta.dirname, "programs/losses");

/** A watched program that is told what to do by lines, and says lines. */
class Program {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterableIterator<string>;

  constructor(folder: string, command: string, ...words: readonly string[]) {
    this.#child = spawn(command, words, {
      env: { ...process.env, NODE_OPTIONS: "", PYTHONPATH: PYTHON_TAP, UDP_TAP_DIR: folder },
    });
    const lines: Interface = createInterface(this.#child.stdout);
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async says(): Promise<string> {
    const { value } = await this.#lines.next();
    return String(value);
  }

  tell(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  async end(): Promise<void> {
    this.#child.kill();
    await once(this.#child, "close");
  }
}

const node = (name: string) => [process.execPath, "--require", TAP, join(PROGRAMS, name)] as const;
const [python] = pythons;
const RECEIVERS: Readonly<Record<string, readonly [string, ...string[]] | undefined>> = {
  "Node.js": node("receiver.cjs"),
  Python: python && [python.command, join(PROGRAMS, "receiver.py")],
};

/** What the system holds back of a socket that asks for nothing, and the most that one may ask for. */
const limit = (name: string) => Number(readFileSync(`/proc/sys/net/core/${name}`, "utf8"));

describe("losses of watched programs that know how many they have got:", function () {
  this.timeout(120_000);
  let folder: string;
  const running: Program[] = [];

  before(function () {
    if (process.platform !== "linux") this.skip();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-losses-"));
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((program) => program.end()));
    await rm(folder, { recursive: true });
  });

  function start(capture: string, command: string, ...words: readonly string[]): Program {
    const program = new Program(capture, command, ...words);
    running.push(program);
    return program;
  }

  /** Sends so many while the receiver takes nothing, once for each; resolves with what is told, and what it has got. */
  async function load(
    [command, ...words]: readonly [string, ...string[]],
    counts: readonly number[],
    recvBufferSize = 0,
  ): Promise<{ losses: Losses; received: number; sent: number }> {
    const capture = await mkdtemp(join(folder, "capture-"));
    const receiver = start(capture, command, ...words, String(recvBufferSize));
    const port = await receiver.says();
    const sender = start(capture, ...node("sender.cjs"), port);
    assert.equal(await sender.says(), "ready");
    let sent = 0;
    const send = async (word: string, count = 1) => {
      sender.tell(`${word} ${count}`);
      assert.equal(await sender.says(), "sent");
      sent += count;
    };
    /** How many it has got when all that waited has been taken; while the buffer is full, a question may be lost as well. */
    const counted = async (): Promise<number> => {
      let answer = receiver.says();
      for (;;) {
        const asked = `count ${sent}`;
        await send("count");
        let line: string | undefined;
        do {
          line = await Promise.race([answer, setTimeout(50, undefined)]);
          if (line !== undefined && !line.endsWith(` ${asked}`)) answer = receiver.says();
        } while (line !== undefined && !line.endsWith(` ${asked}`));
        if (line !== undefined) return Number(line.split(" ")[0]);
      }
    };
    for (const count of counts) {
      await send("block");
      assert.equal(await receiver.says(), "blocked");
      await send("load", count);
      receiver.tell("");
      await counted();
    }
    const received = await counted();
    const isWhole = ({ length }: Capture) => length === sent + received;
    const [losses, ...others] = atOnce(findingLosses(await captureWith(capture, isWhole)));
    assert.ok(losses && others.length === 0);
    return { losses, received, sent };
  }

  for (const [name, receiver] of Object.entries(RECEIVERS)) {
    it(`${name}: as many as are missing, in bursts, and a buffer of the size that is named holds all`, async function () {
      if (!receiver) this.skip();
      const counts = [420, 350];
      const { losses, received, sent } = await load(receiver, counts);
      assert.deepEqual([losses.sent, losses.arrived], [sent, received]);
      assert.equal(losses.lost, sent - received);
      assert.ok(losses.lost > 0, "the buffer is larger than this test takes it for");
      assert.equal(losses.reason, "buffer");
      assert.equal(losses.unclear, 0);
      assert.deepEqual(
        losses.bursts.map(({ lost, waiting }) => lost + waiting).map(near),
        counts.map(near),
      );
      const [longest] = losses.bursts.toSorted((a, b) => b.lost - a.lost);
      assert.ok(longest?.needed !== undefined && longest.pause !== undefined);
      assert.ok(longest.needed >= 420 && longest.needed <= 422, `${longest.needed}`);
      const held = { held: longest.waiting, length: longest.length };
      const { size } = bufferFor(longest.needed, held, limit("rmem_default")) ?? assert.fail();
      assert.ok(size <= limit("rmem_max"), "this system lets nobody ask for so much");
      const again = await load(receiver, counts, size);
      assert.equal(again.received, again.sent);
      assert.deepEqual([again.losses.lost, again.losses.bursts], [0, []]);
    });
  }

  /** The one that blocks, and the one that counts, may be among them. */
  const near = (count: number) => Math.round(count / 10);
});
