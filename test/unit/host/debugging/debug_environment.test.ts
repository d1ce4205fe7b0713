import assert from "node:assert/strict";
import { delimiter } from "node:path";
import { watchedConfiguration } from "../../../../extension/host/debugging/debug_environment.ts";
import { parseEnvFile } from "../../../../extension/host/debugging/env_files.ts";

const TAP = "/extension of mine/tap.cjs";
const REQUIRE = `--require "${TAP}"`;
const PYTHON = "/extension of mine/python";
const environment = {
  UDP_TAP_DIR: "/captures",
  UDP_TAP_CONTROL: "/run/c",
  UDP_TAP_TOKEN: "5ec3e7",
};

describe("a launch configuration of a debugger", () => {
  const watched = (
    given: object,
    { isWatched = true, isInTerminals = false, ofFile = {}, inherited = {} } = {},
  ) => {
    const config = { type: "pwa-node", request: "launch", name: "it", ...given };
    const tap = { tap: TAP, pythonTap: PYTHON, environment, isInTerminals };
    const result = watchedConfiguration(config, isWatched, tap, ofFile, inherited);
    assert.deepEqual({ ...result, env: undefined }, { ...config, env: undefined });
    return result.env as Record<string, unknown> | undefined;
  };

  it("has the tap in front of nothing, behind what Node.js is to do, and before where Python looks", () => {
    assert.deepEqual(watched({}), { ...environment, NODE_OPTIONS: REQUIRE });
    const env = { A: "1", NODE_OPTIONS: "--title=mine", PYTHONPATH: "/mine" };
    assert.deepEqual(watched({ env }), {
      ...env,
      ...environment,
      NODE_OPTIONS: `--title=mine ${REQUIRE}`,
    });
    assert.deepEqual(watched({ type: "debugpy", console: "internalConsole", env }), {
      ...env,
      ...environment,
      PYTHONPATH: `${PYTHON}${delimiter}/mine`,
    });
  });

  it("keeps what stands in an envFile or was inherited, in the order in which a debugger would take it", () => {
    const inherited = { NODE_OPTIONS: "--of-vscode", PYTHONPATH: "/of/vscode" };
    const ofFile = { NODE_OPTIONS: "--of-file" };
    const options = (given: object, more: object) => watched(given, more)?.NODE_OPTIONS;
    assert.equal(options({}, { inherited }), `--of-vscode ${REQUIRE}`);
    assert.equal(options({}, { inherited, ofFile }), `--of-file ${REQUIRE}`);
    const own = { env: { NODE_OPTIONS: "--own" } };
    assert.equal(options(own, { inherited, ofFile }), `--own ${REQUIRE}`);
    // Unset, and meant so.
    for (const nothing of [null, ""]) {
      assert.equal(options({ env: { NODE_OPTIONS: nothing } }, { inherited, ofFile }), REQUIRE);
    }
  });

  it("has no secret where a debugger types the environment into a terminal", () => {
    for (const console of ["integratedTerminal", "externalTerminal"]) {
      const env = watched({ console });
      assert.deepEqual(env, { UDP_TAP_DIR: "/captures", NODE_OPTIONS: REQUIRE });
    }
    // Terminals have it already where auto attach is on.
    const inTerminals = { isInTerminals: true };
    assert.deepEqual(watched({ console: "integratedTerminal" }, inTerminals), {
      NODE_OPTIONS: REQUIRE,
    });
    assert.deepEqual(watched({ type: "debugpy" }, inTerminals), {});
    assert.deepEqual(watched({ type: "debugpy", env: { PYTHONPATH: "/a" } }, inTerminals), {
      PYTHONPATH: `${PYTHON}${delimiter}/a`,
    });
  });

  it("is left as it is for what cannot be watched, and what is not to be", () => {
    for (const given of [
      { type: "extensionHost" },
      { request: "attach" },
      { __pendingTargetId: "1" },
      { runtimeExecutable: "/usr/bin/deno" },
      { runtimeExecutable: "bun" },
    ]) {
      assert.equal(watched(given), undefined);
    }
    assert.equal(watched({}, { isWatched: false }), undefined);
    const off = { isWatched: false, isInTerminals: true };
    assert.equal(watched({}, off), undefined);
    assert.deepEqual(watched({ console: "integratedTerminal", env: { A: "1" } }, off), {
      A: "1",
      UDP_TAP_DIR: "",
    });
  });

  it("is watched once, however many debuggers hand it on", () => {
    const config = { type: "node", request: "launch", name: "it" };
    const tap = { tap: TAP, pythonTap: PYTHON, environment, isInTerminals: false };
    const once = watchedConfiguration(config, true, tap, {}, {});
    assert.equal(
      watchedConfiguration({ ...once, type: "pwa-node" }, true, tap, {}, {}).env,
      once.env,
    );
  });
});

describe("an envFile", () => {
  it("is read as debuggers read it", () => {
    const text = [
      "A=1",
      "NODE_OPTIONS=--first",
      "  export NODE_OPTIONS = '--title=a b' # mine",
      'PYTHONPATH="/a:/b"',
      "#PYTHONPATH=/c",
      "NODE_OPTIONS_2=x",
    ].join("\r\n");
    assert.deepEqual(parseEnvFile(text), { NODE_OPTIONS: "--title=a b", PYTHONPATH: "/a:/b" });
    assert.deepEqual(parseEnvFile("NODE_OPTIONS=--a --b # c\nPYTHONPATH="), {
      NODE_OPTIONS: "--a --b",
      PYTHONPATH: "",
    });
  });
});
