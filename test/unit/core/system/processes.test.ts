import assert from "node:assert/strict";
import fc from "fast-check";
import {
  parseLinuxProcess,
  parsePs,
  parseWin32Processes,
} from "../../../../extension/core/system/process_lists.ts";
import {
  isTappableRuntime,
  programName,
  type SystemProcess,
  scriptOf,
} from "../../../../extension/core/system/processes.ts";

const STAT = "4242 (node) S 4200 4242 4200 34816 4242 4194304 9999 0 0 0 12 3 0 0 20 0 11 0 100";

describe("processes of Linux", () => {
  it("have their parent, their executable and their words", () => {
    assert.deepEqual(
      parseLinuxProcess(4242, STAT, "node\0udp_server.ts\0--port\x009999\0", "/usr/bin/node"),
      {
        pid: 4242,
        ppid: 4200,
        name: "node",
        words: ["node", "udp_server.ts", "--port", "9999"],
      },
    );
  });

  it("have the name that they gave themselves where the executable may not be seen", () => {
    const hostile = "1 (a) b (c)\n$(bell)) S 7 1 1 0 -1";
    assert.deepEqual(parseLinuxProcess(1, hostile, "", ""), {
      pid: 1,
      ppid: 7,
      name: "a) b (c)\n$(bell)",
      words: [],
    });
  });

  it("have no parent where that is the kernel, or not known, and no words where these may not be read", () => {
    const parse = (stat: string, commandLine: string) => {
      const { ppid, words } = parseLinuxProcess(1, stat, commandLine, "/sbin/init");
      return [ppid, words];
    };
    assert.deepEqual(parse("1 (init) S 0 1 1 0 -1", ""), [undefined, []]);
    assert.deepEqual(parse("1 (init) S 1 1 1 0 -1", "init\0"), [1, ["init"]]);
    assert.deepEqual(parse("1 (init) S", "\0--quiet\0"), [undefined, ["", "--quiet"]]);
  });

  it("keep their name when their executable was replaced", () => {
    assert.equal(parseLinuxProcess(1, STAT, "", "/opt/my app/deno (deleted)").name, "deno");
  });
});

describe("processes of other systems", () => {
  it("are read from ps", () => {
    const text = `    1     0 /sbin/launchd
 4242  4200 node /Users/me/udp server.ts
 4200  4199 -zsh
  oddity
`;
    assert.deepEqual(
      parsePs(text).map(({ pid, ppid, name }) => [pid, ppid, name]),
      [
        [1, undefined, "launchd"],
        [4242, 4200, "node"],
        [4200, 4199, "zsh"],
      ],
    );
  });

  it("are read from PowerShell, be it one or many", () => {
    const one = {
      ProcessId: 4242,
      ParentProcessId: 4200,
      Name: "node.exe",
      CommandLine:
        '"C:\\Program Files\\nodejs\\node.exe"  "C:\\my work\\udp_server.ts" --port 9999',
    };
    const system = { ProcessId: 4, ParentProcessId: 0, Name: "System", CommandLine: null };
    const [node, ...more] = parseWin32Processes(JSON.stringify(one));
    assert.deepEqual(more, []);
    assert.equal(node?.name, "node");
    assert.deepEqual(node?.words.slice(1), ["C:\\my work\\udp_server.ts", "--port", "9999"]);
    assert.equal(node && programName(node), "udp_server.ts");
    assert.equal(node?.ppid, 4200);
    assert.deepEqual(parseWin32Processes(JSON.stringify([one, system])), [
      node,
      { pid: 4, ppid: 0, name: "System", words: [] },
    ]);
    assert.deepEqual(parseWin32Processes('{"ProcessId":4,"ParentProcessId":null,"Name":null}'), [
      { pid: 4, ppid: undefined, name: "", words: [] },
    ]);
    for (const bad of ["", "null", "{}", "[1,null]", '{"ProcessId":"4"}']) {
      assert.deepEqual(parseWin32Processes(bad), [], bad);
    }
  });
});

describe("what a process is called", () => {
  const process = (...words: string[]): SystemProcess => ({
    pid: 1,
    ppid: undefined,
    name: words[0]?.replace(/^.*\//, "") ?? "",
    words,
  });

  for (const [words, name] of [
    [["node", "/home/me/server.ts", "--host", "0.0.0.0"], "server.ts"],
    [["/usr/local/bin/node24", "--require", "./tap.cjs", "--watch", "a/b.mjs"], "b.mjs"],
    [["node", "--import=tsx", "main.ts"], "main.ts"],
    [
      ["/usr/bin/node", "--require", "/x/tsx/preflight.cjs", "--import", "file:///x", "a.ts"],
      "a.ts",
    ],
    [["bun", "run", "index.ts"], "index.ts"],
    [["deno", "run", "--allow-net", "server.ts"], "server.ts"],
    [["node", "-e", "require('dgram')"], "node"],
    [["node"], "node"],
    [["/usr/sbin/avahi-daemon", "-s"], "avahi-daemon"],
  ] as const) {
    it(`${words.join(" ")} is ${name}`, () => assert.equal(programName(process(...words)), name));
  }

  it("is what the table of the sockets says, unless a script is known", () => {
    assert.equal(
      programName(process("/bin/Google", "Chrome"), "Google Chrome He"),
      "Google Chrome He",
    );
    assert.equal(programName(process("node", "server.ts"), "node"), "server.ts");
    assert.equal(programName({ ...process("/bin/tool", "x"), name: "renamed" }), "renamed");
    assert.equal(programName({ ...process("/bin/tool", "x"), name: "" }), "tool");
    assert.equal(programName(undefined, "mDNSResponder"), "mDNSResponder");
    assert.equal(programName(undefined), "");
  });

  it("knows the runtimes that the tap can be preloaded into", () => {
    for (const name of ["node", "/opt/node24/bin/node", "bun", "deno", "nodejs", "node22"]) {
      assert.ok(isTappableRuntime(process(name, "a.js")), name);
    }
    assert.ok(isTappableRuntime({ ...process(), name: "node" }), "its words may not be read");
    assert.ok(isTappableRuntime({ ...process("C:\\bin\\Node.exe", "a.js"), name: "" }));
    for (const name of ["python3", "/usr/bin/python3.13", "python", "pypy3", "py"]) {
      assert.ok(isTappableRuntime(process(name, "a.py")), name);
    }
    for (const name of ["nodemon", "code", "denonode", "pyright", "python3-config", ""]) {
      assert.ok(!isTappableRuntime(process(name, "a.js")), name);
    }
  });

  for (const [words, script, isTappable] of [
    [["-Bu", "server.py", "-I"], "server.py", true],
    [["-W", "error", "-X", "dev", "server.py"], "server.py", true],
    [["-Werror", "-Xdev", "-OO", "server.py"], "server.py", true],
    [["-XIES", "server.py"], "server.py", true],
    [["--check-hash-based-pycs", "never", "server.py"], "server.py", true],
    [["-m", "http.server", "-I"], "http.server", true],
    [["-Bmhttp.server"], "http.server", true],
    [["/usr/bin/uvicorn", "app:app"], "/usr/bin/uvicorn", true],
    [["-c", "import socket", "a.py"], "", true],
    [["-", "a.py"], "", true],
    [["-i"], "", true],
    [["-I", "server.py"], "server.py", false],
    [["-sE", "server.py"], "server.py", false],
    [["-W", "error", "-BS", "-m", "server"], "server", false],
  ] as const) {
    it(`python3 ${words.join(" ")} ${isTappable ? "can" : "cannot"} be watched, and runs ${script || "no script"}`, () => {
      assert.equal(scriptOf(process("python3", ...words)), script);
      assert.equal(isTappableRuntime(process("python3", ...words)), isTappable);
    });
  }

  it("is found for any command line", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(fc.nat(), text, text, text, (pid, stat, commandLine, executable) => {
        const parsed = parseLinuxProcess(pid, stat, commandLine, executable);
        assert.equal(typeof programName(parsed), "string");
        assert.equal(typeof scriptOf(parsed), "string");
        parsePs(stat);
        parseWin32Processes(stat);
      }),
    );
  });
});
