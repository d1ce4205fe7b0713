import assert from "node:assert/strict";
import { CONTEXT_KEYS } from "../../../../extension/host/base/ids.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

standInForVscode();
const { commands } = await import("vscode");
const { forgetContextKeys, setContextKey } = await import(
  "../../../../extension/host/base/context_key.ts"
);

describe("what the conditions of package.json know of a window", () => {
  it("is nothing when it begins, whatever an extension host that was killed had told it", () => {
    const known = new Map<unknown, unknown>();
    const { executeCommand } = commands;
    const set = (_: string, key: unknown, value: unknown) => known.set(key, value);
    Object.assign(commands, { executeCommand: set });
    try {
      for (const key of CONTEXT_KEYS) setContextKey(key, true);
      forgetContextKeys();
    } finally {
      Object.assign(commands, { executeCommand });
    }
    assert.deepEqual(
      [...known],
      [...CONTEXT_KEYS].map((key) => [key, false]),
    );
  });
});
