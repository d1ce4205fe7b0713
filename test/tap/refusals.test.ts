import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Capture } from "../../extension/core/capture/capture.ts";
import { Delivery } from "../../extension/core/capture/delivery.ts";
import { FileSink } from "../../extension/core/capture/file_sink.ts";
import { Refusals } from "../../extension/core/capture/refusals.ts";
import { CaptureReader } from "../../extension/core/files/capture_reader.ts";
import { parseSegmentName } from "../../extension/core/wire/tap_identity.ts";
import { describeOn, pythonRuntimes, type Runtime, runtimes } from "../support/runtimes.ts";
import { runProgram } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";

const PROGRAMS = join(import.meta.dirname, "programs");

/** What the program has printed. */
interface Printed {
  readonly port: number;
  readonly outcomes: readonly string[];
  readonly errors: readonly string[];
  /** The socket that is not connected was told as well. */
  readonly isFreeTold: boolean;
}

describe("what is sent to where nobody listens", function () {
  this.timeout(60_000);
  const tapped = TapUnderTest.forSuite();

  /** Each datagram to the port that nobody has, as a reader tells it. */
  function told(folder: string, port: number): string[] {
    const capture = new Capture();
    capture.findRefusals(Refusals);
    for (const name of readdirSync(folder).filter((name) => parseSegmentName(name))) {
      const file = capture.addFile(name);
      const sink = new FileSink({ capture, file, writer: name, clearedBefore: 0 });
      const bytes = readFileSync(join(folder, name));
      assert.equal(new CaptureReader(sink).read(bytes, 0), bytes.length);
    }
    capture.commit();
    assert.equal(capture.otherPackets.notUdp, 0);
    return Array.from({ length: capture.length }, (_, position) => capture.idAt(position))
      .filter((id) => capture.flow(id).destinationPort === port)
      .map((id) => {
        if (capture.delivery(id) !== Delivery.refused) return capture.comment(id) || "sent";
        const { refusal, isUnsure } = capture.refusal(id) ?? assert.fail();
        return `refused by the ${refusal}${isUnsure ? ", or another one" : ""}`;
      });
  }

  /** The system tells a program only of a socket that is connected in the system as well. */
  const isConnected = ({ name }: Runtime) => !name.startsWith("Deno");

  describeOn([...runtimes, ...pythonRuntimes], (runtime) => {
    const program = join(PROGRAMS, runtime.suffix === ".py" ? "python/refused.py" : "refused.mjs");
    for (const host of ["127.0.0.1", "::1"]) {
      it(`is refused, as far as the program learns of it, on ${host}`, async () => {
        const tap = tapped.inNewFolder();
        const { stdout, stderr } = await runProgram(runtime, program, { tap, words: [host] });
        assert.equal(stderr, "");
        const { port, outcomes, errors, isFreeTold } = JSON.parse(stdout) as Printed;
        const isTold = outcomes.includes("ECONNREFUSED") || errors.includes("ECONNREFUSED");
        assert.equal(isTold, isConnected(runtime));
        assert.deepEqual(told(tap.folder, port), [
          ...outcomes.map((outcome) => {
            if (outcome !== "sent") return `send failed: ${outcome}`;
            return isTold ? "refused by the port" : "sent";
          }),
          isFreeTold ? "refused by the port" : "sent",
        ]);
      });
    }
  });
});
