import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Program, quickRuntimes, Scripts } from "../support/run_script.ts";
import { describeOnEveryRuntime, onNode24 } from "../support/script_scenarios.ts";
import { Stranger } from "../support/script_socket.ts";

const PEERS = join(import.meta.dirname, "peers");
const python = (file: string, ...args: string[]) => ["python3", join(PEERS, file), ...args];

async function pythonServer(lesson: string, input?: string): Promise<[Program, number]> {
  const server = new Program(python("server.py", lesson), input === undefined ? {} : { input });
  const [, port] = await server.seen(/Bind UDP on (\d+)/);
  return [server, Number(port)];
}

function many(lesson: string, port: number, input?: "open", ...words: string[]): Program {
  return new Program(python("many.py", lesson, `${port}`, ...words), input ? { input } : {});
}

async function pythonPeer(lesson: string): Promise<[Program, number]> {
  const peer = many(lesson, 0);
  const [, port] = await peer.seen(/Bind UDP on (\d+)/);
  return [peer, Number(port)];
}

/** What a client of a group prints until somebody has answered; by itself it would wait for others. */
async function firstAnswer(
  scripts: Scripts,
  port: number,
  args: readonly string[],
): Promise<string> {
  const client = scripts.start("udp_client", ["--port", `${port}`, "--timeout", "60s", ...args]);
  await client.seen(/ from .*\n/);
  return (await client.stop()).stdout;
}

if (isInstalled("python3")) {
  const lessons: Readonly<Record<string, (scripts: Scripts) => Promise<void>>> = {
    "greet: our server, their client": async (scripts) => {
      const server = await scripts.server();
      const names = ["Michael", "Tracy", "世界"];
      const client = await new Program(python("client.py", `${server.port}`, ...names)).ended;
      assert.equal(client.stdout, "Hello, Michael!\nHello, Tracy!\nHello, 世界!\n");
      assert.match((await server.stop()).stdout, /^3 received, 3 sent$/m);
    },

    "greet: their server, our client": async (scripts) => {
      const [server, port] = await pythonServer("greet");
      const client = await scripts.client(port);
      await server.stop("SIGKILL");
      assert.equal(client.stdout, "Hello, Michael!\nHello, Tracy!\nHello, Sarah!\n");
    },

    "upper: both ways": async (scripts) => {
      const server = await scripts.server(["--reply", "upper"]);
      const theirs = await new Program(python("client.py", `${server.port}`, "straße")).ended;
      assert.equal(theirs.stdout, "STRASSE\n");
      await server.stop();
      const [upper, port] = await pythonServer("upper");
      const ours = await scripts.client(port, ["--interactive"], { input: "straße\n" });
      await upper.stop("SIGKILL");
      assert.equal(ours.stdout, `>>: STRASSE from 127.0.0.1:${port}\n>>: `);
    },

    "chat: our server, their client": async (scripts) => {
      const server = await scripts.server(["--reply", "chat"], { input: "hello\n" });
      const words = ["hi", "bye"];
      const client = await new Program(python("client.py", `${server.port}`, ...words)).ended;
      assert.equal(client.stdout, "hello\n");
      const { exitCode, stdout } = await server.ended;
      assert.match(stdout, /Message from 127\.0\.0\.1:\d+: hi\n/);
      assert.match(stdout, /said bye: the chat is over/);
      assert.equal(exitCode, 0);
    },

    "chat: their server, our client, each ends at bye": async (scripts) => {
      const [server, port] = await pythonServer("chat", "hello\n");
      const ours = await scripts.client(port, ["--interactive"], { input: "hi\nbye\n" });
      assert.match(ours.stdout, /^>>: hello from .*\n>>: $/);
      assert.equal((await server.ended).exitCode, 0);
      const [second, again] = await pythonServer("chat", "bye\n");
      const ended = await scripts.client(again, ["--interactive"], { input: "hi\nwhat?\n" });
      await second.stop("SIGKILL");
      assert.match(ended.stdout, /^>>: bye from .*\n$/);
    },

    "datagrams: what is too long for a buffer is told by ours, and not by theirs": async (
      scripts,
    ) => {
      const server = await scripts.server(["--buffer", "1024"]);
      const theirs = await many("truncation", server.port).ended;
      assert.equal(theirs.stdout, `Hello, ${"x".repeat(1024)}!\n`);
      assert.match((await server.stop()).stdout, /^Kept 1024 of 1030 bytes: 6 lost$/m);
      const [short, port] = await pythonPeer("short");
      const ours = await scripts.client(port, ["Michael", "Tom"]);
      assert.equal(ours.stdout, "Mich\nTom\n");
      assert.equal((await short.ended).exitCode, 0);
    },

    "datagrams: two sends are never one receive": async (scripts) => {
      const server = await scripts.server(["--verbose"]);
      const theirs = await many("boundaries", server.port).ended;
      assert.equal(theirs.stdout, "Hello, two!\nHello, !\nHello, sends!\n");
      const { stdout } = await server.stop();
      assert.deepEqual(
        Array.from(stdout.matchAll(/^Received .*: (.*)$/gm), ([, text]) => text),
        ["two", "", "sends"],
      );
    },

    "datagrams: a TCP server has the same port": async (scripts) => {
      const server = await scripts.server();
      const { port } = server;
      const tcp = many("tcp", port, "open");
      await tcp.seen(/TCP on \d+/);
      assert.equal((await scripts.client(port, ["both"])).stdout, "Hello, both!\n");
      await server.stop();
      tcp.closeInput();
      assert.equal((await tcp.ended).exitCode, 0);
    },

    "to many: broadcast, both ways": async (scripts) => {
      const server = await scripts.server(["--broadcast"]);
      const theirs = await many("to broadcast", server.port).ended;
      assert.equal(theirs.stdout, "Hello, all!\n");
      await server.stop();
      const [listener, port] = await pythonPeer("on broadcast");
      const everybody = ["--broadcast", "--host", "127.255.255.255", "all"];
      assert.equal(
        await firstAnswer(scripts, port, everybody),
        `Hello, all! from 127.0.0.1:${port}\n`,
      );
      await listener.ended;
    },

    "to many: multicast, both ways": async (scripts) => {
      const group = "239.255.77.78";
      const way = ["--interface", "127.0.0.1"];
      const server = await scripts.server(["--join", group, ...way]);
      const theirs = await many("to multicast", server.port).ended;
      assert.equal(theirs.stdout, "Hello, group!\n");
      await server.stop();
      const [member, port] = await pythonPeer("on multicast");
      const friends = ["--host", group, ...way, "group"];
      assert.equal(
        await firstAnswer(scripts, port, friends),
        `Hello, group! from 127.0.0.1:${port}\n`,
      );
      await member.ended;
    },

    "to many: --ttl is what a datagram has left": async (scripts) => {
      const [peer, port] = await pythonPeer("ttl");
      const one = await scripts.client(port, ["--ttl", "7", "x"]);
      assert.equal(one.stdout, "7\n");
      const group = ["--host", "239.255.77.78", "--interface", "127.0.0.1"];
      assert.match(await firstAnswer(scripts, port, [...group, "--ttl", "9", "x"]), /^9 from /);
      assert.equal((await peer.ended).exitCode, 0);
    },

    "a bad network: their client has to ask again": async (scripts) => {
      const server = await scripts.server();
      const relay = await scripts.relay(server.port, ["--drop", "down:40%", "--seed", "3"]);
      const theirs = await many("unreliable", relay.port).ended;
      const [, attempts] = /^20 answers to (\d+) attempts$/m.exec(theirs.stdout) ?? [];
      assert.ok(Number(attempts) > 25, theirs.stdout);
      await server.seen(new RegExp(`^(Received.*\\n){${attempts}}`, "m"));
      await server.stop();
      const { stdout } = await relay.stop();
      const [, up, sent, dropped] =
        /^up (\d+) received, \d+ sent; down \d+ received, (\d+) sent, (\d+) dropped$/m.exec(
          stdout,
        ) ?? [];
      assert.equal(up, attempts, stdout);
      // The last answers may be under way when both are told to end.
      assert.ok(Number(sent) >= 20 && Number(sent) + Number(dropped) <= Number(attempts), stdout);
    },
  };
  describeOnEveryRuntime("the lessons with Python", lessons, quickRuntimes);
}

describe("a sender that must not be answered", function () {
  this.timeout(120_000);
  for (const runtime of quickRuntimes) {
    it(`has port 0 or is the server itself: ${runtime.name}`, async function () {
      // Raw packets are for root alone.
      if (!runtime.command || process.getuid?.() !== 0 || !isInstalled("python3")) this.skip();
      const server = await new Scripts(runtime).server(["--reply", "echo"]);
      const theirs = await many("strange sources", server.port).ended;
      assert.deepEqual(theirs, { exitCode: 0, stdout: "", stderr: "" });
      await server.seen(/^Not answered: 127\.0\.0\.1:\d+ is this server itself$/m);
      const { stdout } = await server.stop();
      if (runtime.lacks.has("portZero")) {
        assert.match(stdout, /^1 received, 0 sent, 1 refused$/m);
      } else {
        assert.match(stdout, /^Not answered: 127\.0\.0\.1:0 has port 0, which is nobody's$/m);
        assert.match(stdout, /^2 received, 0 sent, 2 refused$/m);
      }
    });
  }

  it("is a broadcast address, a group or a network", async () => {
    // Linux lets no such datagram in; here one is from where its payload says.
    const elsewhere = `
      import { Socket } from "node:dgram";
      import os from "node:os";
      import { syncBuiltinESMExports } from "node:module";
      const { emit } = Socket.prototype;
      Socket.prototype.emit = function (event, payload, peer) {
        if (event === "message") peer.address = String(payload).split(" ")[0];
        if (String(payload).endsWith("as server")) peer.port = this.address().port;
        return emit.call(this, event, payload, peer);
      };
      os.networkInterfaces = () => ({ eth0: [{ address: "10.9.9.1" }] });
      syncBuiltinESMExports();
    `;
    const preload = `--import=data:text/javascript,${encodeURIComponent(elsewhere)}`;
    const options = { environment: { NODE_OPTIONS: preload } };
    const server = await onNode24().server(["--reply", "echo", "--broadcast"], options);
    const stranger = await Stranger.bind();
    const nobodies = ["255.255.255.255", "0.0.0.0", "224.0.0.1", "239.255.77.78", "ff02::1"];
    for (const address of nobodies) {
      stranger.send(address, server.port);
      const name = address.includes(":") ? `[${address}]` : address;
      const refused = `Not answered: ${name}:${stranger.port} is no single machine\n`;
      await server.seen(new RegExp(refused.replace(/[.[\]]/g, "\\$&")));
    }
    // Others reach it on the addresses of all interfaces, and so it does itself.
    stranger.send("10.9.9.1 as server", server.port);
    await server.seen(/Not answered: 10\.9\.9\.1:\d+ is this server itself\n/);
    // Who is a single machine is answered.
    assert.equal(String(await stranger.ask("127.0.0.1", server.port)), "127.0.0.1");
    const { stdout } = await server.stop();
    stranger.close();
    assert.match(stdout, /^7 received, 1 sent, 6 refused$/m);
  });
});

describe("a server that other machines reach", function () {
  this.timeout(120_000);
  // What is received here is from another machine.
  const elsewhere = `
    import { Socket } from "node:dgram";
    const { emit } = Socket.prototype;
    Socket.prototype.emit = function (event, payload, peer) {
      if (event === "message") peer.address = "192.0.2.1";
      return emit.call(this, event, payload, peer);
    };
    const { send } = Socket.prototype;
    Socket.prototype.send = function (payload, port, address, done) {
      return send.call(this, payload, port, "127.0.0.1", done);
    };
  `;
  const preload = `--import=data:text/javascript,${encodeURIComponent(elsewhere)}`;
  const options = { environment: { NODE_OPTIONS: preload } };

  it("sends no more bytes than came in, but for a greeting", async () => {
    const stranger = await Stranger.bind();
    for (const [reply, question, answer] of [
      ["greet", "Tom", "Hello, Tom!"],
      ["echo", "Tom", "Tom"],
      ["{data}{data}{data}", "12345678", undefined],
      ["{hex}", "123456789", undefined],
    ] as const) {
      const server = await onNode24().server(["--host", "0.0.0.0", "--reply", reply], options);
      stranger.send(question, server.port);
      await server.seen(answer ? /^Received/m : /^Not answered: .* would get .*; see --amplify$/m);
      const { stderr } = await server.stop();
      const answers = (await stranger.all()).map(({ data }) => `${data}`);
      stranger.received.length = 0;
      assert.deepEqual(answers, answer ? [answer] : []);
      assert.match(
        stderr,
        /^Open to other machines: .*, at most 8 bytes longer than what they send/,
      );
    }
    stranger.close();
  });

  it("says how many times more it sends where it is told to", async () => {
    const words = ["--host", "0.0.0.0", "--amplify", "--reply", "{data}".repeat(20)];
    const server = await onNode24().server(words, options);
    const stranger = await Stranger.bind();
    assert.equal(`${await stranger.ask("ab", server.port)}`, "ab".repeat(20));
    stranger.close();
    const { stderr } = await server.stop();
    assert.match(
      stderr,
      /^Open to other machines: .* up to 19\.5 times as long as what they send$/m,
    );
  });
});

describe("two of our servers that a stranger sets on each other", function () {
  this.timeout(240_000);
  const reasons = {
    "--reply greet": /would get \d+ bytes, which are too many/,
    "--reply upper": /only acknowledges answers/,
    "--reply echo": /got 65535 answers and may answer them/,
    "--reply {data}{hex}": /would get \d+ bytes, which are too many/,
  };
  for (const [mode, reason] of Object.entries(reasons)) {
    it(`stop by themselves and say why: ${mode}`, async function () {
      // Raw packets are for root alone.
      if (process.getuid?.() !== 0 || !isInstalled("python3")) this.skip();
      const words = mode.split(" ");
      const [one, other] = [await onNode24().server(words), await onNode24().server(words)];
      const theirs = await many("as", one.port, undefined, String(other.port)).ended;
      assert.deepEqual(theirs, { exitCode: 0, stdout: "", stderr: "" });
      const refused = new RegExp(`^Not answered: 127\\.0\\.0\\.1:\\d+ ${reason.source}$`, "m");
      await Promise.any([one.seen(refused), other.seen(refused)]);
      const ends = await Promise.all([one.stop(), other.stop()]);
      const count = (what: string) =>
        ends.reduce(
          (sum, { stdout }) =>
            sum + Number(new RegExp(`(\\d+) ${what}`).exec(stdout.slice(-200))?.[1] ?? 0),
          0,
        );
      assert.equal(count("refused"), 1);
      // The stranger's, and each answer.
      assert.equal(count("received"), count("sent") + 1);
    });
  }
});

describe("the scripts with other tools", function () {
  this.timeout(120_000);
  const senders = {
    nc: (port: number) => ["nc", "-u", "127.0.0.1", `${port}`],
    ncat: (port: number) => ["ncat", "-u", "127.0.0.1", `${port}`],
    socat: (port: number) => ["socat", "-", `UDP:127.0.0.1:${port}`],
  };
  for (const [tool, command] of Object.entries(senders)) {
    it(`${tool} is greeted`, async function () {
      if (!isInstalled(tool)) this.skip();
      const server = await onNode24().server();
      const stranger = new Program(command(server.port), { input: "open" });
      stranger.type("friend");
      await stranger.seen(/^Hello, friend!$/);
      await stranger.stop("SIGKILL");
      await server.stop();
    });
  }

  it("socat echoes what the client sends", async function () {
    if (!isInstalled("socat")) this.skip();
    // Who has the port on one address keeps it free on the others, where nobody asks for one by its number.
    const holder = await Stranger.bind();
    const { port } = holder;
    const bound = `UDP-RECVFROM:${port},bind=127.0.0.5,fork`;
    const echo = new Program(["socat", "-d", "-d", bound, "PIPE"]);
    await echo.seen(/receiving on|starting|listening/);
    const args = ["--host", "127.0.0.5", "--retries", "50", "--timeout", "500ms", "one", "two"];
    const { stdout } = await onNode24().client(port, args);
    holder.close();
    await echo.stop("SIGKILL");
    assert.equal(stdout, "one\ntwo\n");
  });
});

/** Where the project is judged (CI is set), a missing witness is a failure. */
function isInstalled(program: string): boolean {
  const found = spawnSync("sh", ["-c", 'command -v "$0"', program]).status === 0;
  if (!found && process.env.CI) throw new Error(`Cannot test with ${program}: it is not installed`);
  return found;
}
