import assert from "node:assert/strict";
import type { Burst, Losses } from "../../../../extension/core/losses/losses.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

type Module = typeof import("../../../../extension/host/losses/losses_text.ts");

const BURST: Burst = {
  first: 7,
  start: 1e15,
  end: 1e15 + 38_000,
  lost: 193,
  length: 48,
  waiting: 277,
  pause: 94_000,
  needed: 470,
};
const LOSSES: Losses = {
  to: { address: "127.0.0.1", port: 7777 },
  receiver: "server.js",
  sent: 60_050,
  arrived: 56_716,
  lost: 3334,
  unclear: 0,
  start: 1e15,
  end: 1e15 + 1e7,
  bursts: [BURST, { ...BURST, first: 9, lost: 61, pause: 68_000, needed: 338 }],
  burstCount: 24,
  mostWaiting: 277,
  reason: "buffer",
  conversations: [
    {
      from: { address: "127.0.0.1", port: 48_760 },
      to: { address: "127.0.0.1", port: 7777 },
      sender: "load.js",
      receiver: "server.js",
      ...{ sent: 60_050, arrived: 56_716, lost: 3334, bursts: 24, longest: 193 },
      ...{ every: undefined, reason: "buffer" },
    },
  ],
};
const SYSTEM = { drops: 3334, most: 212_992, usual: 212_992 };

describe("the story of losses, in words", () => {
  let text: Module;

  before(async () => {
    standInForVscode();
    text = await import("../../../../extension/host/losses/losses_text.ts");
  });

  it("begins with how many of how many, why, and what a second source says", () => {
    assert.deepEqual(text.lossSentences(LOSSES, SYSTEM), [
      "3,334 of 60,050 datagrams to 127.0.0.1:7777 were lost (5.6 %), in 24 bursts of 61 to 193.",
      "Each time server.js took nothing for 68 ms to 94 ms, and its receive buffer was full.",
      "The system counted the same 3,334 in the receive buffer.",
    ]);
  });

  it("says what would have held the longest burst, and what cannot be known", () => {
    const story = text.lossesText(LOSSES, [LOSSES], SYSTEM);
    for (const part of [
      "193 lost in 38 ms",
      "server.js took nothing for 94 ms; at its end 470 would have had to wait.",
      "The buffer held 277 of 48 bytes.",
      "recvBufferSize: 196608 would have held them: about 511 of these, as Linux doubles it.",
      "What server.js did meanwhile is not in the capture.",
      "127.0.0.1:48760 → 127.0.0.1:7777 · load.js → server.js · 60,050 sent, 56,716 arrived, 3,334 lost (5.6 %)",
      "22 more",
    ]) {
      assert.ok(story.includes(part), `${part}\n\n${story}`);
    }
    assert.ok(!story.includes("sysctl"), "what is asked for is allowed");
  });

  it("says that the system allows less, and who can change that", () => {
    const story = text.lossesText(LOSSES, [LOSSES], { ...SYSTEM, most: 100_000 });
    assert.match(story, /allows up to 100,000: root raises .*rmem_max=196608/);
  });

  it("names no size where the buffer's own is not known", () => {
    for (const usual of [undefined, 10_000_000]) {
      const story = text.lossesText(LOSSES, [LOSSES], { ...SYSTEM, usual });
      assert.match(story, /How large the buffer was is not known/);
      assert.doesNotMatch(story, /recvBufferSize/);
      assert.equal(text.sizeThatHolds(LOSSES, { ...SYSTEM, usual }), undefined);
    }
  });

  it("says that a larger buffer would not help where it was not the buffer", () => {
    const [conversation] = LOSSES.conversations;
    assert.ok(conversation);
    const alone: Losses = {
      ...LOSSES,
      ...{ sent: 6000, arrived: 5940, lost: 60, burstCount: 60, reason: "notBuffer" },
      bursts: [{ ...BURST, lost: 1, waiting: 0 }],
      conversations: [{ ...conversation, lost: 60, reason: "notBuffer", every: 100 }],
    };
    const story = text.lossesText(alone, [alone], { ...SYSTEM, drops: undefined });
    assert.match(story, /60 of 6,000 datagrams .* \(1\.0 %\), each alone\./);
    assert.match(story, /a larger one would not help/);
    assert.match(story, /not the buffer: every 100th/);
    assert.doesNotMatch(story, /recvBufferSize|The system counted/);
  });

  it("says so where none is known to be lost, and never 0 % or 100 % of some", () => {
    const none = { ...LOSSES, lost: 0, bursts: [], burstCount: 0 };
    assert.deepEqual(text.lossSentences(none, { ...SYSTEM, drops: undefined }), [
      "None of 60,050 datagrams to 127.0.0.1:7777 is known to be lost.",
    ]);
    const few = { ...LOSSES, lost: 1, bursts: [{ ...BURST, lost: 1 }] };
    assert.match(text.lossSentences(few, SYSTEM)[0] ?? "", /less than 0\.1 %/);
    const most = { ...LOSSES, lost: 60_049 };
    assert.match(text.lossSentences(most, SYSTEM)[0] ?? "", /99\.9 %/);
  });

  it("shows a program's name as what it is, whatever it holds", () => {
    const story = text.lossesText({ ...LOSSES, receiver: "a\u202e\nb" }, [LOSSES], SYSTEM);
    assert.doesNotMatch(story, /\u202e/);
    assert.match(story, /a\\u\{?202e\}?\\nb/i);
  });
});
