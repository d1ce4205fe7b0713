import assert from "node:assert/strict";
import { parsePageMessage } from "../../../../extension/host/datagrams/page_message.ts";
import type { FromWebview } from "../../../../extension/webview/datagrams/protocol.ts";

describe("a message of the datagrams page", () => {
  const messages: readonly FromWebview[] = [
    { type: "ready" },
    { type: "ready", filter: "port:9999" },
    { type: "askRows", first: 0, count: 500 },
    { type: "select", id: 0 },
    { type: "locate", id: 4_000_000_000 },
    { type: "filter", text: "" },
    { type: "complete", request: 1, text: "po", caret: 2 },
    { type: "selection", runs: [] },
    {
      type: "selection",
      runs: [
        [0, 0],
        [2, 999_999],
      ],
    },
    { type: "askOverview", steps: 500 },
    { type: "cancel" },
    { type: "command", command: "decodeAs", id: 3 },
    { type: "copy", text: "\u202e".repeat(65_507) },
    { type: "copySelection" },
    { type: "used" },
    { type: "showRow", id: 3 },
    { type: "findLost", step: -1 },
    { type: "conversation", action: "close" },
    { type: "openDefinition", file: "protocol/tracker.ksy", line: 6 },
  ];

  for (const message of messages) {
    it(`is taken as it is: ${JSON.stringify(message).slice(0, 60)}`, () => {
      assert.deepEqual(parsePageMessage(message), message);
    });
  }

  for (const garbage of [
    undefined,
    null,
    0,
    "ready",
    [],
    {},
    { type: "constructor" },
    { type: "hello" },
    { type: "ready", filter: 5 },
    { type: "askRows", first: -1, count: 1 },
    { type: "askRows", first: 0.5, count: 1 },
    { type: "askRows", first: 0, count: Number.POSITIVE_INFINITY },
    { type: "askRows", first: "0", count: 1 },
    { type: "select" },
    { type: "select", id: Number.NaN },
    { type: "locate", id: 2 ** 60 },
    { type: "filter", text: "a".repeat(2 ** 21) },
    { type: "filter", text: { length: 1 } },
    { type: "copy", text: "a".repeat(2 ** 25) },
    { type: "complete", request: 1, text: "po", caret: 3 },
    { type: "selection", runs: "0,1" },
    { type: "selection", runs: [[0, 1, 2]] },
    { type: "selection", runs: [[1, 0]] },
    { type: "askOverview", steps: 0 },
    { type: "askOverview", steps: 501 },
    { type: "command", command: "toString", id: 1 },
    { type: "command", command: "workbench.action.terminal.sendSequence", id: 1 },
    { type: "conversation", action: "" },
    { type: "showRow", id: -1 },
    { type: "findLost", step: 2 },
    { type: "showRow", id: "3" },
    { type: "openDefinition", file: "../tracker.ksy", line: 6 },
    { type: "openDefinition", file: "/etc/passwd", line: 6 },
    { type: "openDefinition", file: "tracker.ksy", line: -1 },
    { type: "openDefinition", file: "a".repeat(5000), line: 1 },
  ]) {
    it(`is refused: ${(JSON.stringify(garbage) ?? "undefined").slice(0, 60)}`, () => {
      assert.equal(parsePageMessage(garbage), undefined);
    });
  }

  it("cannot ask for the same rows again and again", () => {
    const all = [0, 999_999];
    assert.equal(parsePageMessage({ type: "selection", runs: [all, all] }), undefined);
    assert.equal(
      parsePageMessage({ type: "selection", runs: [all, [999_999, 1_000_000]] }),
      undefined,
    );
    const many = Array.from({ length: 100_001 }, (_, index) => [2 * index, 2 * index]);
    assert.equal(parsePageMessage({ type: "selection", runs: many }), undefined);
  });
});
