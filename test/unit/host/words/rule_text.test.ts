import assert from "node:assert/strict";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

standInForVscode();
const { bitChangeFacts, bitChanges, ruleFacts, ruleText } = await import(
  "../../../../extension/host/words/rule_text.ts"
);
const { deliveryText } = await import("../../../../extension/host/words/delivery_text.ts");

const peer = { address: "127.0.0.1", port: 6006 };
const local = { address: "127.0.0.1", port: 5005 };

describe("what a rule did, in words", () => {
  const payload = Uint8Array.from({ length: 12 }, (_, at) => at);

  function told(direction: "in" | "out", comment: string) {
    const capture = new Capture();
    const file = capture.addFile("a.pcapng");
    const sink = new FileSink({ capture, file, writer: "a", clearedBefore: 0 });
    sink.interface({ id: 0, name: "127.0.0.1:5005", description: "", comments: [] });
    const [from, to] = direction === "in" ? [peer, local] : [local, peer];
    sink.datagram(datagramRecord(from, to, { direction: Direction[direction], comment }));
    capture.commit();
    const id = capture.idAt(0);
    const words = [ruleText(capture, id), deliveryText(capture, id)].filter(Boolean).join(", ");
    const changes = bitChangeFacts(bitChanges(capture, id), payload);
    const facts = [...ruleFacts(capture, id), ...changes];
    assert.ok(facts.every(({ isAnomaly }) => !isAnomaly));
    return [words, ...facts.map(({ text }) => text)];
  }

  it("is never that something was lost, and says on whose side it was", () => {
    assert.deepEqual(told("in", "dropped by a rule (burst)"), [
      "dropped by a rule",
      "Dropped by a rule on 127.0.0.1:5005: it had arrived there, and the program never got it.",
      "It was one of a run of losses.",
    ]);
    assert.deepEqual(told("out", "dropped by a rule (sunspots)"), [
      "dropped by a rule",
      "Dropped by a rule on 127.0.0.1:5005: it never left.",
    ]);
  });

  it("tells that somebody may wait for ever", () => {
    const comment = "dropped by a rule (drop); the same bytes 1200 times in a row by a rule";
    assert.deepEqual(told("out", comment), [
      "1,200 times in a row, dropped by a rule",
      "Dropped by a rule on 127.0.0.1:5005: it never left.",
      "The same bytes were dropped 1,200 times in a row: who sends them again and again may wait for ever.",
      "It was one of the percentage that is dropped.",
    ]);
  });

  it("says what a byte was and what it became, at either end, and nothing of one that was not recorded", () => {
    const change = { socket: "127.0.0.1:5005", bit: 9 * 8 + 5 };
    const text = (isRecorded: boolean, bytes: Uint8Array) =>
      bitChangeFacts([{ ...change, isRecorded }], bytes)[0]?.text;
    assert.equal(
      text(true, payload),
      "A rule on 127.0.0.1:5005 changed bit 5 of the byte at offset 9: 29 became 09.",
    );
    assert.equal(
      text(false, payload),
      "A rule on 127.0.0.1:5005 changed bit 5 of the byte at offset 9: the program got 29, not 09.",
    );
    for (const isRecorded of [true, false]) {
      assert.equal(
        text(isRecorded, payload.subarray(0, 9)),
        "A rule on 127.0.0.1:5005 changed bit 5 of the byte at offset 9.",
      );
    }
  });

  it("names the time, the bit and the copy", () => {
    const comment =
      "delayed 52.1 ms by a rule; bit 5 of the byte at offset 9 changed by a rule; a copy by a rule";
    assert.deepEqual(told("in", comment), [
      "corrupted, delayed 52 ms, a copy by a rule",
      "A rule on 127.0.0.1:5005 held it back for 52 ms.",
      "A rule on 127.0.0.1:5005 let it pass a second time.",
      "A rule on 127.0.0.1:5005 changed bit 5 of the byte at offset 9: 29 became 09.",
    ]);
    assert.deepEqual(told("in", ""), [""]);
    assert.deepEqual(told("out", "send failed: EMSGSIZE"), [""]);
  });
});
