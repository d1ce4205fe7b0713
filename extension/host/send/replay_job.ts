import type { Capture } from "../../core/capture/capture.ts";
import type { Batch } from "../../processes/sender/messages.ts";
import type { CaptureSource } from "../capture/capture_source.ts";

/** Datagrams and bytes of one message to the sender. */
const BATCH_DATAGRAMS = 256;
const BATCH_BYTES = 256 * 1024;

/** How fast: a factor of the time that it took, or as fast as possible. */
export type Speed = number | "fast";

type Source = Pick<CaptureSource, "capture" | "payload">;

/** How many of these datagrams can't be sent as they were: not all of them was recorded. */
export function countCut({ capture }: Pick<Source, "capture">, ids: readonly number[]): number {
  return ids.reduce((count, id) => count + (isCutShort(capture, id) ? 1 : 0), 0);
}

function isCutShort(capture: Capture, id: number): boolean {
  return capture.has(id) && capture.capturedLength(id) < capture.wireLength(id);
}

/** These datagrams in batches, in the order of `ids`; what is gone from the capture meanwhile is left out. */
export async function* replayBatches(
  source: Source,
  ids: readonly number[],
  speed: Speed,
): AsyncGenerator<Batch> {
  const { capture } = source;
  let firstTime: number | undefined;
  let dueMs: number[] = [];
  let reading: Promise<Uint8Array>[] = [];
  let isCut: boolean[] = [];
  let bytes = 0;
  const batch = async (isLast: boolean): Promise<Batch> => ({
    dueMs: Float64Array.from(dueMs),
    payloads: await Promise.all(reading),
    isCut,
    isLast,
  });
  for (const id of ids) {
    if (!capture.has(id)) continue;
    firstTime ??= capture.time(id);
    // A selection is in the order of its rows, which is that of time.
    dueMs.push(speed === "fast" ? 0 : (capture.time(id) - firstTime) / 1000 / speed);
    reading.push(source.payload(id));
    isCut.push(isCutShort(capture, id));
    bytes += capture.wireLength(id);
    if (reading.length < BATCH_DATAGRAMS && bytes < BATCH_BYTES) continue;
    yield await batch(false);
    dueMs = [];
    reading = [];
    isCut = [];
    bytes = 0;
  }
  yield await batch(true);
}
