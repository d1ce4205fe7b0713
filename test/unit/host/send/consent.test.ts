import assert from "node:assert/strict";
import type { Target } from "../../../../extension/host/send/target.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

describe("what a command is given says whether it may send away", () => {
  const target = (reach: Target["reach"]): Target => ({
    ...{ address: "192.0.2.1", port: 9, name: "192.0.2.1:9", reach },
  });

  /** Whether a command sends to there with these options. */
  async function isSent(reach: Target["reach"], given: object): Promise<boolean> {
    standInForVscode();
    const consent = await import("../../../../extension/host/send/consent.ts");
    try {
      consent.requireConsent(target(reach), consent.consentOf(given));
      return true;
    } catch (error) {
      assert.match(String(error), /^HumanError: Cannot send to 192\.0\.2\.1:9: /);
      return false;
    }
  }

  it("refuses what leaves this machine and does not say that it may, in so many words", async () => {
    const [confirmed, broadcast] = [{ confirmed: true }, { confirmed: true, broadcast: true }];
    assert.ok(await isSent("machine", {}));
    for (const reach of ["network", "multicast"] as const) {
      assert.ok(await isSent(reach, confirmed));
      for (const given of [{}, { confirmed: 1 }, { confirmed: "true" }, { broadcast: true }]) {
        assert.ok(!(await isSent(reach, given)), JSON.stringify(given));
      }
    }
    assert.ok(await isSent("broadcast", broadcast));
    for (const given of [{}, confirmed, { broadcast: true }, { ...broadcast, broadcast: 1 }]) {
      assert.ok(!(await isSent("broadcast", given)), JSON.stringify(given));
    }
  });
});
