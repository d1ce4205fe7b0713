import { join } from "node:path";
import { SenderProcess } from "../../extension/host/send/sender_process.ts";
import type { Batch } from "../../extension/processes/sender/messages.ts";
import { percentile } from "../support/percentile.ts";
import { dueTimes, numberedPayload, TimedReceiver, type Timing } from "../support/replay_timing.ts";
import type { Comparison } from "./comparison.ts";
import { sampleOf } from "./sample.ts";

const PATH = join(import.meta.dirname, "../../extension/processes/sender/udp_sender.ts");
const DATAGRAMS = 10_000;
const BATCH = 256;
/** Seconds that the capture spans. */
const SPAN_S = 10;
const ROUNDS = 3;
/** What is still in the receiver's buffer when the last was sent comes within this. */
const SETTLE_MS = 200;

interface Round extends Timing {
  readonly seconds: number;
}

/**
 * Replays 10,000 datagrams to a receiver on this machine: at original timing, with gaps from none to some milliseconds
 * as real captures have, and as fast as possible. No peer: what counts is that all arrive, in order and in time.
 */
export async function measureReplay(): Promise<Comparison[]> {
  const original = dueTimes(DATAGRAMS, SPAN_S * 1000);
  const timed = await rounds(original);
  const fast = await rounds(new Float64Array(DATAGRAMS));
  const less = (
    what: string,
    unit: string,
    values: readonly number[],
    goal?: number,
  ): Comparison => ({
    what: `${DATAGRAMS.toLocaleString("en")} datagrams, ${what}`,
    unit,
    ours: sampleOf(values),
    better: "less",
    ...(goal !== undefined && { goal: { value: goal } }),
  });
  return [
    less(
      "original timing: error of a gap, median",
      "ms",
      timed.map(({ gapErrors }) => percentile(gapErrors, 50)),
      2,
    ),
    less(
      "original timing: error of a gap, p99",
      "ms",
      timed.map(({ gapErrors }) => percentile(gapErrors, 99)),
    ),
    less(
      "original timing: how far from its time, median",
      "ms",
      timed.map(({ clockErrors }) => percentile(clockErrors, 50)),
      2,
    ),
    less(
      "original timing: lost or out of order",
      "",
      timed.map(({ lost, misplaced }) => lost + misplaced),
      0,
    ),
    less(
      "as fast as possible: lost or out of order",
      "",
      fast.map(({ lost, misplaced }) => lost + misplaced),
      0,
    ),
    {
      what: "as fast as possible",
      unit: "datagrams/s",
      ours: sampleOf(fast.map(({ seconds }) => DATAGRAMS / seconds)),
      better: "more",
    },
  ];
}

async function rounds(dueMs: Float64Array): Promise<Round[]> {
  const results: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) results.push(await replayOnce(dueMs));
  return results;
}

async function replayOnce(dueMs: Float64Array): Promise<Round> {
  const sender = new SenderProcess(() => ({ path: PATH }));
  const receiver = await TimedReceiver.bind();
  try {
    await sender.replay({
      to: { address: "127.0.0.1", port: receiver.port, broadcast: false },
      batches: batches(dueMs),
      signal: new AbortController().signal,
      onProgress: () => {},
    });
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const { arrivals } = receiver;
    const [first = 0, last = 0] = [arrivals[0], arrivals.at(-1)];
    return { ...receiver.timing(dueMs), seconds: (last - first) / 1000 };
  } finally {
    receiver.close();
    sender.dispose();
  }
}

async function* batches(dueMs: Float64Array): AsyncGenerator<Batch> {
  for (let at = 0; at < DATAGRAMS; at += BATCH) {
    const due = dueMs.slice(at, at + BATCH);
    const payloads = Array.from(due, (_, index) => numberedPayload(at + index));
    yield { dueMs: due, payloads, isCut: [], isLast: at + BATCH >= DATAGRAMS };
  }
}
