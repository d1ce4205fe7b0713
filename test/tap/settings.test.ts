import assert from "node:assert/strict";
import type { Socket } from "node:dgram";
import { constants } from "node:os";
import { resolve } from "node:path";
import { bindFailure, bindTarget, sendError } from "../../extension/taps/node/dgram_errors.ts";
import { originals } from "../../extension/taps/node/originals.ts";
import { describeProgram } from "../../extension/taps/node/program.ts";
import { readSettings } from "../../extension/taps/node/settings.ts";

describe("the settings of the tap", () => {
  it("are those of the environment", () => {
    const environment = {
      UDP_TAP_DIR: "captures",
      UDP_TAP_QUOTA: "1000000",
      UDP_TAP_SEGMENT: "5000",
      UDP_TAP_SNAPLEN: "0",
    };
    assert.deepEqual(readSettings(environment), {
      folder: resolve("captures"),
      quota: 1_000_000,
      segment: 5000,
      snapLength: 0,
    });
  });

  it("are a gigabyte in files of 32 MiB with whole payloads, where the environment says nothing or nonsense", () => {
    for (const nonsense of [undefined, "", "-1", "1.5", "1e9", " 1", "9".repeat(16), "0x10"]) {
      const environment = {
        UDP_TAP_DIR: "/captures",
        UDP_TAP_QUOTA: nonsense,
        UDP_TAP_SEGMENT: nonsense,
        UDP_TAP_SNAPLEN: nonsense,
      };
      const settings = readSettings(environment);
      assert.equal(settings?.quota, 1_073_741_824, nonsense);
      assert.equal(settings.segment, 33_554_432, nonsense);
      assert.ok(settings.snapLength >= 65_527, nonsense);
    }
  });

  it("are none without a folder", () => {
    assert.equal(readSettings({}), undefined);
    assert.equal(readSettings({ UDP_TAP_DIR: "", UDP_TAP_QUOTA: "1" }), undefined);
  });
});

describe("what a socket is to be bound to", () => {
  for (const [type, wildcard] of [
    ["udp4", "0.0.0.0"],
    ["udp6", "::"],
  ] as const) {
    it(`is told in each form that ${type} takes`, () => {
      const target = (...parameters: unknown[]) => {
        const { address, port } = bindTarget({ type } as unknown as Socket, parameters);
        return [address, port];
      };
      assert.deepEqual(target(), [wildcard, 0]);
      assert.deepEqual(target(9999), [wildcard, 9999]);
      assert.deepEqual(target("9999"), [wildcard, 9999]);
      assert.deepEqual(target(9999, "localhost"), ["localhost", 9999]);
      assert.deepEqual(target(9999, ""), [wildcard, 9999]);
      assert.deepEqual(
        target(9999, () => {}),
        [wildcard, 9999],
      );
      assert.deepEqual(
        target(() => {}),
        [wildcard, 0],
      );
      assert.deepEqual(target({ port: 9999, address: "localhost" }), ["localhost", 9999]);
      assert.deepEqual(target({ port: 9999 }), [wildcard, 9999]);
      assert.deepEqual(target({ address: "localhost" }, "elsewhere"), ["localhost", 0]);
      assert.deepEqual(target(null), [wildcard, 0]);
    });
  }
});

describe("why a socket could not be bound", () => {
  const target = { address: "localhost", port: 9999 };

  it("is told with the address that the system was asked for, or with the name that has none", () => {
    const inUse = { code: "EADDRINUSE", syscall: "bind", address: "127.0.0.1" };
    assert.deepEqual(bindFailure(inUse, target), { name: "127.0.0.1:9999", code: "EADDRINUSE" });
    const withoutAddress = { code: "EADDRINUSE", syscall: "bind" };
    assert.deepEqual(bindFailure(withoutAddress, target), {
      name: "localhost:9999",
      code: "EADDRINUSE",
    });
    const unknown = { code: "ENOTFOUND", syscall: "getaddrinfo", hostname: "localhost" };
    assert.deepEqual(bindFailure(unknown, target), { name: "localhost:9999", code: "ENOTFOUND" });
  });

  it("is not what other errors say", () => {
    for (const other of [
      { code: "EMSGSIZE", syscall: "send", address: "127.0.0.1" },
      { code: 98, syscall: "bind" },
      { syscall: "bind" },
      "EADDRINUSE",
      null,
      undefined,
    ]) {
      assert.equal(bindFailure(other, target), undefined);
    }
  });
});

describe("what a send came to", () => {
  it("is the name of the error, in each way in which runtimes tell one", () => {
    for (const [result, error] of [
      [0, ""],
      [1, ""],
      [-constants.errno.EMSGSIZE, "EMSGSIZE"],
      [-constants.errno.EPERM, "EPERM"],
      [undefined, ""],
      [null, ""],
      [Object.assign(new Error("no"), { code: "EACCES" }), "EACCES"],
      [new Error("no"), "unknown error"],
      ["EACCES", "unknown error"],
    ] as const) {
      assert.equal(sendError(result), error);
    }
  });
});

describe("what the tap says of its program", () => {
  const fields = ["argv", "execArgv", "versions"] as const;
  const before = fields.map((name) => Object.getOwnPropertyDescriptor(process, name));

  afterEach(() => {
    for (const [index, name] of fields.entries()) {
      Object.defineProperty(process, name, before[index] ?? {});
    }
  });

  for (const [argv, execArgv, name, program] of [
    [["/bin/node", "/x/server.ts", "--port", "9"], [], "server.ts", "/x/server.ts --port 9"],
    [["/bin/node", "/x/server.ts"], ["--expose-gc"], "server.ts", "/x/server.ts"],
    [["/bin/node", "--port"], ["-e"], "[eval]", "[eval] --port"],
    [["/bin/node"], ["--print=1"], "[eval]", "[eval]"],
    [["/bin/node"], [], "node", ""],
  ] as const) {
    it(`is ${name} for ${[...execArgv, ...argv.slice(1)].join(" ") || "no words"}`, () => {
      Object.defineProperty(process, "argv", { value: argv, configurable: true });
      Object.defineProperty(process, "execArgv", { value: execArgv, configurable: true });
      const described = describeProgram();
      assert.equal(described.name, name);
      assert.equal(described.process.program, program);
    });
  }

  for (const [versions, runtime, version] of [
    [{ node: "24.1.0" }, "node", "24.1.0"],
    // Both say that they are a Node, too.
    [{ node: "24.1.0", bun: "1.3.0" }, "bun", "1.3.0"],
    [{ node: "24.1.0", deno: "2.5.0" }, "deno", "2.5.0"],
  ] as const) {
    it(`names the runtime ${runtime}`, () => {
      Object.defineProperty(process, "versions", { value: versions, configurable: true });
      const described = describeProgram();
      assert.deepEqual([described.process.runtime, described.process.version], [runtime, version]);
    });
  }
});

describe("the clocks of the tap", () => {
  it("are the system's", () => {
    const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6;
    for (const [own, system] of [
      [originals.monotonicMs, monotonicMs],
      [originals.timeOfDayMs, Date.now],
    ] as const) {
      const before = system();
      const now = own();
      assert.ok(now >= before - 0.001 && now <= system() + 0.001, `${now} after ${before}`);
    }
  });
});
