import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Capture } from "../../extension/core/capture/capture.ts";
import { FileSink } from "../../extension/core/capture/file_sink.ts";
import { Refusals } from "../../extension/core/capture/refusals.ts";
import { Sightings } from "../../extension/core/capture/sightings.ts";
import { CaptureReader } from "../../extension/core/files/capture_reader.ts";
import { parseSegmentName } from "../../extension/core/wire/tap_identity.ts";

/** What the files of a folder tell now, and of all of it what became of it; those that no tap has named are of a command. */
export function captureOfFolder(folder: string): Capture {
  const capture = new Capture();
  capture.findSightings(Sightings);
  capture.findRefusals(Refusals);
  for (const name of readdirSync(folder).sort()) {
    const segment = parseSegmentName(name);
    const isForeign = segment === undefined || segment.thread === "command";
    const file = capture.addFile(name);
    const writer = name.replace(/-\d+\.pcapng$/, "");
    const sink = new FileSink({ capture, file, writer, clearedBefore: 0, isForeign });
    const bytes = readFileSync(join(folder, name));
    const reader = new CaptureReader(sink);
    let done = 0;
    do done += reader.read(bytes.subarray(done), done);
    while (reader.hasMore);
  }
  capture.commit();
  capture.settle(Number.MAX_SAFE_INTEGER);
  return capture;
}

/** Reads the folder until it tells what is waited for. */
export async function captureWith(
  folder: string,
  isThere: (capture: Capture) => boolean,
): Promise<Capture> {
  for (;;) {
    const capture = captureOfFolder(folder);
    if (isThere(capture)) return capture;
    await setTimeout(20);
  }
}
