import assert from "node:assert/strict";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { RefusedError, SenderProcess } from "../../../../extension/host/send/sender_process.ts";
import type { Batch, Destination } from "../../../../extension/processes/sender/messages.ts";
import { Stranger } from "../../../support/script_socket.ts";
import { waitUntil } from "../../../support/wait_until.ts";

/** A third of the time that the sender waits for a receiver which reads nothing. */
const RECEIVER_WAITS_NS = 150e6;

const path = join(import.meta.dirname, "../../../../extension/processes/sender/udp_sender.ts");

describe("SenderProcess", () => {
  let sender: SenderProcess;
  let stranger: Stranger;
  let to: Destination;

  beforeEach(async () => {
    sender = new SenderProcess(() => ({ path }));
    stranger = await Stranger.bind();
    to = { address: "127.0.0.1", port: stranger.port, broadcast: false };
  });

  afterEach(() => {
    sender.dispose();
    stranger.close();
  });

  /** `count` numbered datagrams, `gapMs` apart. */
  async function* numbered(count: number, gapMs: number, each = 100): AsyncGenerator<Batch> {
    for (let at = 0; at < count; at += each) {
      const numbers = Array.from({ length: Math.min(each, count - at) }, (_, index) => at + index);
      yield {
        dueMs: Float64Array.from(numbers, (number) => number * gapMs),
        payloads: numbers.map((number) => Buffer.from(`${number}`)),
        isCut: numbers.map((number) => number % 10 === 3),
        isLast: at + each >= count,
      };
    }
  }

  const replay = (batches: AsyncIterable<Batch>, signal = new AbortController().signal) =>
    sender.replay({ to, batches, signal, onProgress: () => {} });

  it("sends the bytes as they are, from one socket, which hears the answers", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const from = await sender.send(to, bytes);
    assert.equal(await sender.send(to, new Uint8Array(0)), from);
    assert.equal(await sender.send(to, new Uint8Array(65_507)), from);
    await waitUntil("three datagrams", () => stranger.received.length === 3);
    assert.deepEqual(
      stranger.received.map(({ data, peer }) => [data.length, `127.0.0.1:${peer.port}`]),
      [256, 0, 65_507].map((length) => [length, from]),
    );
    assert.deepEqual(new Uint8Array(stranger.received[0]?.data ?? []), bytes);
  });

  it("says why the system refuses a datagram, and sends the next", async () => {
    const refused = (code: string) => (error: unknown) =>
      error instanceof RefusedError && error.code === code;
    await assert.rejects(sender.send(to, new Uint8Array(65_508)), refused("EMSGSIZE"));
    const everyone = { ...to, address: "127.255.255.255" };
    await assert.rejects(sender.send(everyone, new Uint8Array(1)), refused("EACCES"));
    await sender.send(to, new Uint8Array(1));
  });

  it("is started again after it was ended", async () => {
    const first = await sender.send(to, new Uint8Array(1));
    sender.dispose();
    assert.notEqual(await sender.send(to, new Uint8Array(1)), first);
  });

  it("replays in order, all of them, and not before their time", async () => {
    // So few that they fit the receiver's buffer all at once: what has its time is not held back for a receiver.
    const start = performance.now();
    const result = await replay(numbered(200, 2.5));
    const took = performance.now() - start;
    assert.deepEqual(result, { sent: 200, cut: 20, failed: 0, cancelled: false });
    assert.ok(took >= 199 * 2.5, `${took} ms`);
    assert.deepEqual(await numbersReceived(), countTo(200));
  });

  it("replays 10,000 as fast as possible, and a receiver that keeps up loses none", async () => {
    for (let isOver = false; !isOver; ) {
      const held = monitorEventLoopDelay({ resolution: 10 });
      held.enable();
      const result = await replay(numbered(10_000, 0, 256));
      const received = await numbersReceived();
      held.disable();
      assert.deepEqual(result, { sent: 10_000, cut: 1000, failed: 0, cancelled: false });
      // Where the machine has let the receiver wait for longer than the sender does, it did not keep up: that is no test.
      isOver = received.length === 10_000 || held.max < RECEIVER_WAITS_NS;
      if (isOver) assert.deepEqual(received, countTo(10_000));
      stranger.received.length = 0;
    }
  });

  it("ends when it is cancelled, also in the middle of a long wait, and says how many were sent", async () => {
    const abort = new AbortController();
    const running = replay(numbered(3, 3_600_000), abort.signal);
    await waitUntil("the first datagram", () => stranger.received.length === 1);
    abort.abort();
    assert.deepEqual(await running, { sent: 1, cut: 0, failed: 0, cancelled: true });
    const before = new AbortController();
    before.abort();
    const nothing = await replay(numbered(3, 0), before.signal);
    assert.deepEqual(nothing, { sent: 0, cut: 0, failed: 0, cancelled: true });
  });

  it("counts what could not be sent, and tells of a source that fails", async () => {
    async function* tooLarge(): AsyncGenerator<Batch> {
      const payloads = [new Uint8Array(65_508), new Uint8Array(1)];
      yield { dueMs: new Float64Array(2), payloads, isCut: [true, true], isLast: true };
    }
    assert.deepEqual(await replay(tooLarge()), {
      sent: 1,
      cut: 1,
      failed: 1,
      error: "EMSGSIZE",
      cancelled: false,
    });
    // biome-ignore lint/correctness/useYield: it fails before it could.
    async function* failing(): AsyncGenerator<Batch> {
      throw new Error("the file is gone");
    }
    await assert.rejects(replay(failing()), /the file is gone/);
  });

  it("fails what is under way when its process is gone", async () => {
    const running = replay(numbered(2, 3_600_000));
    await waitUntil("the first datagram", () => stranger.received.length === 1);
    const failed = assert.rejects(running, RefusedError);
    // As Stop All does to whatever has a bound port.
    process.kill(sender.pid ?? 0, "SIGINT");
    await failed;
  });

  const numbersReceived = async () =>
    (await stranger.all()).map(({ data }) => Number(String(data)));

  const countTo = (count: number) => Array.from({ length: count }, (_, index) => index);
});
