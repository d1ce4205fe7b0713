import assert from "node:assert/strict";
import fc from "fast-check";
import { parseStatisticsMessage } from "../../../../extension/host/statistics/statistics_message.ts";

const question = { by: "field", field: "json.type", sequence: "", filter: "len:>3" };

describe("a message of the page of the statistics", () => {
  for (const message of [
    { type: "ready" },
    { type: "ready", question },
    { type: "ask", question },
    { type: "askFields" },
    { type: "narrow", name: "127.0.0.1:1" },
    { type: "narrow", name: "127.0.0.1:1", peer: "127.0.0.1:2" },
    { type: "copy", order: [2, 0, 1] },
    { type: "save", order: [] },
  ]) {
    it(`is taken where it is one: ${JSON.stringify(message)}`, () => {
      assert.deepEqual(parseStatisticsMessage({ ...message, more: 1 }), message);
    });
  }

  it("is nothing where anything of it is another thing, or too long", () => {
    const long = "x".repeat(2 ** 20 + 1);
    for (const message of [
      undefined,
      "ready",
      { type: "toString" },
      { type: "ask" },
      { type: "ask", question: { ...question, by: "all" } },
      { type: "ask", question: { ...question, filter: long } },
      { type: "ask", question: { ...question, field: long } },
      { type: "narrow", name: 5 },
      { type: "narrow", name: "a", peer: null },
      { type: "copy", order: [-1] },
      { type: "save", order: new Array(100_001).fill(0) },
    ]) {
      assert.equal(
        parseStatisticsMessage(message),
        undefined,
        JSON.stringify(message)?.slice(0, 80),
      );
    }
  });

  it("never throws, whatever it is", () => {
    fc.assert(
      fc.property(fc.anything(), (message) => {
        parseStatisticsMessage(message);
        parseStatisticsMessage({ type: "ask", question: message });
        parseStatisticsMessage({ type: "copy", order: message });
      }),
    );
  });
});
