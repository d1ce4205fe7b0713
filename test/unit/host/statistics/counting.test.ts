import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  TRACKER_DEFINITION,
  TRACKER_PORT,
  writeTrackerCapture,
} from "../../../bench/tracker_capture.ts";
import { ipv4Packet } from "../../support/packets.ts";
import { PcapBytes } from "../../support/pcap_bytes.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";
import { countFile } from "./counted.ts";

describe("Counting", function () {
  this.timeout(60_000);
  let folder: string;

  before(async () => {
    standInForVscode();
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-statistics-"));
  });

  after(() => rm(folder, { recursive: true }));

  /** A file with these payloads, a millisecond apart. */
  async function file(payloads: readonly string[]): Promise<string> {
    const bytes = new PcapBytes({ linkType: 101 });
    for (const [index, payload] of payloads.entries()) {
      bytes.packet(1_700_000_000, index * 1000, ipv4Packet(payload));
    }
    const path = join(folder, "payloads.pcap");
    await writeFile(path, bytes.bytes);
    return path;
  }

  it("counts by the values of a field, and finds the gaps in another one", async () => {
    const path = await file(
      Array.from({ length: 400 }, (_, index) => index + 1)
        .filter((seq) => seq % 100 !== 50)
        .map((seq) => JSON.stringify({ type: seq % 4 === 0 ? "alarm" : "sample", seq }))
        .concat("no field at all"),
    );
    const { rows, total } = await countFile(path, { by: "field", field: "json.type" });
    assert.deepEqual(
      rows.map(({ name, filter, datagrams }) => [name, filter, datagrams.forward]),
      [
        ['"sample"', 'json.type == "sample"', 296],
        ['"alarm"', 'json.type == "alarm"', 100],
        ["", "!(json.type)", 1],
      ],
    );
    assert.equal(total.datagrams, 397);
    const [conversation] = (await countFile(path, { sequence: "json.seq" })).rows;
    assert.equal(conversation?.sequence?.missing, 4);
    assert.equal(conversation?.sequence?.last, 400);
  });

  it("counts what passes a filter, and each line's filter lets through what was counted there", async () => {
    const path = await file(["one", "two", "three", "four"]);
    const filtered = await countFile(path, { filter: "len:>3" });
    assert.equal(filtered.total.datagrams, 2);
    const { rows } = await countFile(path, { by: "endpoint" });
    for (const { filter, datagrams } of rows) {
      const { total } = await countFile(path, { filter });
      assert.equal(total.datagrams, datagrams.forward + datagrams.back, filter);
    }
  });

  it("reads a field that is at the same place in every payload of a definition", async () => {
    const path = join(folder, "tracker.pcapng");
    writeTrackerCapture(path, 20_000);
    const definition = { file: "tracker.ksy", text: TRACKER_DEFINITION, port: TRACKER_PORT };
    const counted = await countFile(
      path,
      { by: "field", field: "tracker.temp", sequence: "tracker.seq" },
      { definition },
    );
    assert.ok(counted.rows.length > 3);
    assert.equal(counted.total.datagrams, 20_000);
    const sum = counted.rows.reduce((all, { datagrams }) => all + datagrams.forward, 0);
    assert.equal(sum, 20_000);
    const [conversation] = (await countFile(path, { sequence: "tracker.seq" }, { definition }))
      .rows;
    assert.equal(conversation?.sequence?.numbered, 20_000);
    assert.equal(conversation?.sequence?.missing, 0);
  });
});
