import assert from "node:assert/strict";
import { SentTexts } from "../../../../extension/webview/datagrams/filter/sent_texts.ts";

describe("SentTexts", () => {
  it("knows an answer from what was chosen elsewhere", () => {
    const sent = new SentTexts();
    assert.equal(sent.isAnswer(""), false);
    sent.sent("a");
    sent.sent("ab");
    assert.equal(sent.isAnswer("port:9999"), false);
    assert.equal(sent.isAnswer("a"), true);
    assert.equal(sent.isAnswer("ab"), true);
    assert.equal(sent.isAnswer("ab"), false, "the same text again was chosen elsewhere");
  });

  it("expects no answer to older texts, which a newer one has cancelled", () => {
    const sent = new SentTexts();
    sent.sent("a");
    sent.sent("ab");
    assert.equal(sent.isAnswer("ab"), true);
    assert.equal(sent.isAnswer("a"), false);
  });

  it("takes one answer for a text that was sent twice as the first one's", () => {
    const sent = new SentTexts();
    for (const text of ["a", "", "a"]) sent.sent(text);
    for (const text of ["a", "", "a"]) assert.equal(sent.isAnswer(text), true);
    assert.equal(sent.isAnswer("a"), false);
  });
});
