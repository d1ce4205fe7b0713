import assert from "node:assert/strict";
import { join } from "node:path";
import { describeOn, type Runtime, runtimes } from "../support/runtimes.ts";
import { type Datagram, readDatagrams, readFolder } from "./support/capture_folder.ts";
import { type Outcome, runProgram } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";

const PROGRAMS = join(import.meta.dirname, "programs");

interface Conversation {
  readonly sent: number;
  /** More than were sent, where several sockets hear one datagram. */
  readonly received: number;
  /** What one of the payloads holds, and a word of what the program prints about it. */
  readonly payload: string;
  readonly printed: string;
}

/** Programs that use well-known packages, and what they say. */
const REGISTRY: Readonly<Record<string, Conversation>> = {
  "dns2.cjs": {
    sent: 6,
    received: 6,
    payload: "\x02bb\x07example",
    printed: "bb.example 10.0.0.10",
  },
  "coap.cjs": { sent: 10, received: 10, payload: "you asked for /hum", printed: "/humidity" },
  "multicast_dns.cjs": {
    sent: 2,
    received: 4,
    payload: "\x07printer\x05local",
    printed: "192.0.2.7",
  },
  "node_ssdp.cjs": { sent: 2, received: 2, payload: "M-SEARCH * HTTP/1.1", printed: "desc.xml" },
  "statsd_client.cjs": { sent: 1, received: 1, payload: "test.load:7|g", printed: "test.load:7|g" },
  "node_osc.mjs": { sent: 3, received: 3, payload: "/volume\0,f", printed: "/volume 0.5" },
};

describe("a real program", function () {
  this.timeout(180_000);
  const tapped = TapUnderTest.forSuite();

  /** The same program without and with the tap, one after the other: some have a port that is theirs. */
  async function runBoth(
    runtime: Runtime,
    program: string,
  ): Promise<{ bare: Outcome; folder: string }> {
    const tap = tapped.inNewFolder();
    const path = join(PROGRAMS, program);
    const bare = await runProgram(runtime, path);
    const watched = await runProgram(runtime, path, { tap });
    assert.equal(bare.exitCode, 0, bare.stderr);
    assert.deepEqual(watched, bare);
    return { bare, folder: tap.folder };
  }

  // Packages of the registry are read from the disk, which these runs on Deno may not.
  describeOn(
    runtimes.filter(({ name }) => !/^(?:Deno|tsx)/.test(name)),
    (runtime) => {
      for (const [program, conversation] of Object.entries(REGISTRY)) {
        it(`${program} talks as it does without the tap, and all of it is recorded`, async () => {
          const { bare, folder } = await runBoth(runtime, join("registry", program));
          assert.ok(bare.stdout.includes(conversation.printed), bare.stdout);
          const datagrams = readDatagrams(folder);
          const [sent, received] = [of(datagrams, "out"), of(datagrams, "in")];
          assert.deepEqual(
            [sent.length, received.length],
            [conversation.sent, conversation.received],
          );
          // What arrived is what was sent, byte for byte.
          assert.deepEqual(new Set(received), new Set(sent));
          const bytes = Buffer.from(conversation.payload).toString("latin1");
          assert.ok(sent.some((payload) => payload.includes(bytes)));
          for (const { comment, dropped } of datagrams)
            assert.deepEqual([comment, dropped], ["", 0]);
        });
      }
    },
  );

  describeOn(
    runtimes.filter(({ name }) => /^Node/.test(name)),
    (runtime) => {
      it("in cluster workers that share a port", async () => {
        const { folder } = await runBoth(runtime, "cluster_port.mjs");
        const datagrams = readDatagrams(folder);
        const questions = [1, 2, 3, 4, 5, 6].map((number) => `question ${number}`);
        const texts = [...questions, ...questions.map((text) => `answer to ${text}`)].sort();
        assert.deepEqual(of(datagrams, "out").sort(), texts);
        assert.deepEqual(of(datagrams, "in").sort(), texts);
      });

      it("in children that inherit the tap, and those that do not run as ever", async () => {
        const { bare, folder } = await runBoth(runtime, "children.cjs");
        assert.match(bare.stdout, /spawned\n$/);
        const names = readFolder(folder).map(({ datagrams }) => String(datagrams[0]?.payload));
        assert.deepEqual(names.sort(), ["forked", "main", "spawned", "thread"]);
      });
    },
  );
});

/** Payloads of one direction, as texts that keep each byte. */
function of(datagrams: readonly Datagram[], wanted: "in" | "out"): string[] {
  return datagrams
    .filter(({ direction }) => direction === wanted)
    .map(({ payload }) => payload.toString("latin1"));
}
