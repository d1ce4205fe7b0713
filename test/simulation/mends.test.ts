import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { WorkCopy } from "../mutation/work_copy.ts";

/** Faults that there were, or might have been: what mends them, and the same without it. */
const MENDS: readonly (readonly [fault: string, file: string, mend: string, without: string])[] = [
  [
    "a verdict that changes with a reload",
    "core/capture/delivery.ts",
    "yield* this.#payloads.forgetting(id, parted, this.#pair);\n",
    "yield* this.#payloads.forgetting(id, [], this.#pair);\n",
  ],
  [
    "a window that shows the capture of another workspace",
    "host/capture/capture_folder.ts",
    "new CaptureFolder(join(parent, name))",
    "new CaptureFolder(join(parent, (await readdir(parent))[0] ?? name))",
  ],
  [
    "a pair of records that no tap made",
    "core/capture/capture.ts",
    "isTapped: ({ socket }) => sockets.isTapped(socket)",
    "isTapped: () => true",
  ],
  [
    "a datagram that is two rows, as a command has captured it, too",
    "core/capture/file_sink.ts",
    "this.#options.capture.expect(sockets.isTapped(place));",
    "",
  ],
  [
    "a datagram that is two rows, as a command has captured a part of it, too",
    "core/capture/sightings.ts",
    "this.#heads.adding(known, this.#findCut)",
    "this.#heads.adding([], this.#findCut)",
  ],
  [
    "what a command has captured, shown with another datagram's record",
    "core/capture/sightings.ts",
    "this.#equalBy((id) => table.digest(id))",
    "this.#equalBy(() => 0)",
  ],
  [
    "a socket that is remembered for ever",
    "core/capture/socket_table.ts",
    "return this.#mentions[place] === 0 && ",
    "return this.#mentions[place] === -1 && ",
  ],
  [
    "one of many equal ones that is called lost, while a receipt of one of them is called a duplicate",
    "core/capture/delivery.ts",
    "if (this.#payloads.isContradicted(id)) return Delivery.unclear;",
    "",
  ],
  [
    "a datagram that is called lost though its receipt may stand where a file makes no sense",
    "host/capture/followed_segment.ts",
    "if (this.#file.problem !== undefined) this.#sink.stop();",
    "",
  ],
  [
    "a datagram that is called lost though its receipt was left out",
    "core/capture/file_sink.ts",
    "spans.tell(span, time, received, dropped ?? 0)",
    "spans.tell(span, time, undefined, dropped ?? 0)",
  ],
  [
    "a datagram that is called lost though receipts of its burst are missing",
    "core/capture/delivery.ts",
    "this.#isExpected(id, flow, this.#burstStart(id))",
    "this.#isExpected(id, flow)",
  ],
  [
    "a receipt that is called a duplicate though its sending was left out",
    "core/capture/delivery.ts",
    "return table.isSenderKnown(table.flow(id), this.#wireTime(id));",
    "return table.time(id) > 0;",
  ],
];

describe("the simulation", () => {
  let copy: WorkCopy;

  before(async () => {
    copy = await WorkCopy.make();
  });

  after(() => copy.remove());

  for (const [fault, name, mend, without] of MENDS) {
    it(`finds ${fault}`, async () => {
      const file = `extension/${name}`;
      const source = await readFile(file, "utf8");
      assert.equal(source.split(mend).length, 2, "what mends it stands there once");
      const start = source.indexOf(mend);
      const mutant = { file, start, end: start + mend.length, replacement: without };
      const words = ["test/simulation/simulation.test.ts"];
      assert.equal(await copy.with(mutant, () => copy.test(words, 120_000)), "failed");
    }).timeout(180_000);
  }
});
