import assert from "node:assert/strict";
import { isConflict } from "../../../../extension/core/system/conflict.ts";

describe("isConflict()", () => {
  const port = 9999;

  for (const [wanted, taken] of [
    ["127.0.0.1", "127.0.0.1"],
    ["127.0.0.1", "0.0.0.0"],
    ["0.0.0.0", "192.0.2.1"],
    ["127.0.0.1", "::"],
    ["::", "10.0.0.1"],
    ["::1", "0:0:0:0:0:0:0:1"],
    ["::", "::1"],
    ["localhost", "localhost"],
  ] as const) {
    it(`${wanted} cannot have the port that ${taken} has`, () => {
      assert.ok(isConflict({ address: wanted, port }, { address: taken, port }));
      assert.ok(isConflict({ address: taken, port }, { address: wanted, port }));
      assert.ok(!isConflict({ address: wanted, port }, { address: taken, port: 9998 }));
    });
  }

  for (const [wanted, taken] of [
    ["127.0.0.1", "127.0.0.2"],
    ["::1", "127.0.0.1"],
    ["::1", "0.0.0.0"],
    ["fe80::1", "::1"],
  ] as const) {
    it(`${wanted} does not care about ${taken}`, () => {
      assert.ok(!isConflict({ address: wanted, port }, { address: taken, port }));
      assert.ok(!isConflict({ address: taken, port }, { address: wanted, port }));
    });
  }
});
