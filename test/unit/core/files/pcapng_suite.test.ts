import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { areInstalled, tsharkUdpLines } from "../../support/tshark.ts";
import { readUdpLines } from "../../support/udp_lines.ts";

const FOLDER = join(import.meta.dirname, "../../../data/pcapng-suite");
const expected: Readonly<Record<string, readonly string[]>> = JSON.parse(
  readFileSync(join(FOLDER, "datagrams.json"), "utf8"),
);
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".pcapng"));

describe("the published pcapng files", () => {
  it("are all there", () => {
    assert.equal(files.length, 48);
    assert.equal(Object.keys(expected).length, 24);
  });

  for (const name of files) {
    it(`${name} has the datagrams that tshark finds`, () => {
      const { lines, others, problem } = readUdpLines(readFileSync(join(FOLDER, name)));
      assert.equal(problem, undefined);
      assert.deepEqual(lines, expected[name.replace(/_[bl]e\.pcapng$/, "")]);
      assert.deepEqual(others, [], "they hold UDP only");
    });
  }

  it("are told as here by the tshark that is installed", async function () {
    if (!(await areInstalled("tshark"))) this.skip();
    for (const [name, lines] of Object.entries(expected)) {
      assert.deepEqual(await tsharkUdpLines(join(FOLDER, `${name}_le.pcapng`)), lines, name);
    }
  });
});
