import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { type Scripts, tsxCommand } from "../support/run_script.ts";
import { describeOnEveryRuntime } from "../support/script_scenarios.ts";
import { Stranger } from "../support/script_socket.ts";

/** An address of this machine that no other test run uses. */
function ownLoopbackAddress(): string {
  const byte = () => 2 + Math.floor(Math.random() * 250);
  return `127.${byte()}.${byte()}.${byte()}`;
}

describeOnEveryRuntime("the lessons", {
  "greet: the server greets, the client prints three answers": async (scripts) => {
    const server = await scripts.server();
    const client = await scripts.client(server.port);
    assert.deepEqual(client, {
      exitCode: 0,
      stdout: "Hello, Michael!\nHello, Tracy!\nHello, Sarah!\n",
      stderr: "",
    });
    const { exitCode, stdout, stderr } = await server.stop();
    const [, port] = /Received from 127\.0\.0\.1:(\d+)\./.exec(stdout) ?? [];
    const line = `Received from 127.0.0.1:${port}.\n`;
    const bound = `Bind UDP on ${server.port}...\n`;
    assert.equal(stdout, `${bound}${line.repeat(3)}3 received, 3 sent\n`);
    assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" });
  },

  "greet: port 9999 is the default": async (scripts) => {
    const host = ownLoopbackAddress();
    const server = scripts.start("udp_server", ["--host", host]);
    await server.seen(/^Bind UDP on 9999\.\.\.$/m);
    const client = await scripts.start("udp_client", ["--host", host, "--timeout", "30s", "you"])
      .ended;
    assert.equal(client.stdout, "Hello, you!\n");
    await server.stop("SIGTERM");
  },

  "greet: bytes that are no UTF-8 come back as they were": async (scripts) => {
    const server = await scripts.server(["--reply", "Hello, {data}!"]);
    const stranger = await Stranger.bind();
    const answer = await stranger.ask(Buffer.from([0xff, 0x00, 0xc3]), server.port);
    assert.deepEqual(answer, Buffer.from("Hello, \xff\x00\xc3!", "latin1"));
    assert.deepEqual(await stranger.ask("", server.port), Buffer.from("Hello, !"));
    stranger.close();
    await server.stop();
  },

  "greet: a device whose first datagram is no text is heard and not greeted": async (scripts) => {
    const server = await scripts.server();
    const stranger = await Stranger.bind();
    for (const first of [
      [0xff, 0xfe],
      [1, 0, 42],
    ]) {
      const device = await Stranger.bind();
      for (const data of [Buffer.from(first), "ACK"]) await device.sent(data, server.port);
      // When this is answered, the server has had both before.
      await stranger.ask("me, too", server.port);
      assert.deepEqual(await device.all(), []);
      device.close();
    }
    // Somebody who has said a name may say anything.
    const answer = await stranger.ask(Buffer.from([0xff]), server.port);
    assert.deepEqual(answer, Buffer.from("Hello, \xff!", "latin1"));
    stranger.close();
    const { stdout } = await server.stop();
    const refusals = stdout.match(
      /^Not answered: .* sends no UTF-8 text, as a device does; see --reply$/gm,
    );
    assert.equal(refusals?.length, 4, stdout);
    assert.match(stdout, /^7 received, 3 sent, 4 refused$/m);
  },

  "greet: every sender is answered, each with its own": async (scripts) => {
    const server = await scripts.server();
    const names = ["a", "b", "c"];
    const clients = names.map((name) => scripts.client(server.port, [`${name}1`, `${name}2`]));
    for (const [index, { stdout }] of (await Promise.all(clients)).entries()) {
      assert.equal(stdout, `Hello, ${names[index]}1!\nHello, ${names[index]}2!\n`);
    }
    await server.stop();
  },

  "greet: IPv6, and IPv4 through a socket for both": async (scripts) => {
    const six = await scripts.server(["--host", "::1"]);
    const answer = await scripts.client(six.port, ["--host", "::1", "six"]);
    assert.equal(answer.stdout, "Hello, six!\n");
    assert.match((await six.stop()).stdout, /^Received from \[::1\]:\d+\.$/m);

    const both = await scripts.server(["--host", "::"]);
    assert.equal((await scripts.client(both.port, ["four"])).stdout, "Hello, four!\n");
    assert.match((await both.stop()).stdout, /^Received from 127\.0\.0\.1:\d+\.$/m);
  },

  "upper: an interactive client asks, skips empty lines, shows sender, ends with its input": async (
    scripts,
  ) => {
    const server = await scripts.server(["--reply", "upper"]);
    const options = { input: "hello\n\n  \nworld" };
    const client = await scripts.client(server.port, ["--interactive"], options);
    const from = `from 127.0.0.1:${server.port}\n`;
    assert.equal(client.stdout, `>>: HELLO ${from}>>: >>: >>: WORLD ${from}>>: `);
    assert.equal(client.exitCode, 0);
    assert.match((await server.stop()).stdout, /^hello from 127\.0\.0\.1:\d+$/m);
  },

  "upper: what a terminal answers is never sent": async (scripts) => {
    const stranger = await Stranger.bind((data) => data);
    const input =
      "\x1b[?1;2c\x1b]52;c;c2VjcmV0\x07a\x1bP1$r0m\x1b\\b\x1b[5;1R\u009d52;x\u009cc\n\x1b[?62c\n";
    const client = await scripts.client(stranger.port, ["--interactive"], { input });
    assert.equal(client.exitCode, 0);
    assert.deepEqual(
      stranger.received.map(({ data }) => `${data}`),
      ["abc"],
    );
    stranger.close();
  },

  "chat: people answer each other until the client says bye": async (scripts) => {
    const server = await scripts.server(["--reply", "chat"], { input: "open" });
    const target = ["--port", `${server.port}`, "--interactive", "--timeout", "60s"];
    const client = scripts.start("udp_client", target, { input: "open" });
    await client.seen(/>>: $/);
    client.type("hi there\n");
    await server.seen(/Message from 127\.0\.0\.1:\d+: hi there\nAnswer 127\.0\.0\.1:\d+: $/);
    server.type("\n\x1b[0n\nhello\x1b[?1;2c yourself\n");
    await client.seen(/hello yourself from 127\.0\.0\.1:\d+\n>>: $/);
    client.type("bye\n");
    const [asked, answered] = await Promise.all([client.ended, server.ended]);
    assert.deepEqual([asked.exitCode, answered.exitCode], [0, 0]);
    assert.match(answered.stdout, /127\.0\.0\.1:\d+ said bye/);
  },

  "chat: a client ends when it receives bye": async (scripts) => {
    const server = await scripts.server(["--reply", "chat"], { input: "bye\n" });
    const target = ["--port", `${server.port}`, "--interactive", "--timeout", "60s"];
    const client = scripts.start("udp_client", target, { input: "open" });
    client.type("are you there?\n");
    const { exitCode, stdout } = await client.ended;
    assert.match(stdout, /bye from 127\.0\.0\.1:\d+\n$/);
    assert.equal(exitCode, 0);
    await server.stop();
  },

  "datagrams: --buffer keeps the beginning and tells what is lost": async (scripts) => {
    const server = await scripts.server(["--buffer", "4"]);
    const client = await scripts.client(server.port, ["Michael", "Tom"]);
    assert.equal(client.stdout, "Hello, Mich!\nHello, Tom!\n");
    const { stdout } = await server.stop();
    assert.match(stdout, /^Kept 4 of 7 bytes: 3 lost$/m);
    assert.match(stdout, /1 truncated$/m);
  },

  "datagrams: one line is one datagram, and an empty line an empty one": async (scripts) => {
    const stranger = await Stranger.bind((data) => data);
    const input = Buffer.from("one\n\ntwo\r\n\xff\xfe\nthree", "latin1");
    const client = await scripts.client(stranger.port, ["-"], { input });
    const texts = stranger.received.map(({ data }) => data.toString("latin1"));
    assert.deepEqual(texts, ["one", "", "two", "\xff\xfe", "three"]);
    assert.equal(client.stdout, "one\n\ntwo\n\\xff\\xfe\nthree\n");
    stranger.close();
  },

  "datagrams: two sends are never one receive": async (scripts) => {
    const server = await scripts.server();
    const client = await scripts.client(server.port, ["--rate", "1000", "--count", "20", "x"]);
    assert.equal(client.stdout.match(/^Hello, x!$/gm)?.length, 20);
    assert.match((await server.stop()).stdout, /^20 received, 20 sent$/m);
  },

  "datagrams: a TCP server may have the same port": async (scripts) => {
    const host = ownLoopbackAddress();
    // Who has the port on one address keeps it free on the others, where nobody asks for one by its number.
    const holder = await Stranger.bind();
    const { port } = holder;
    const tcp = createServer().listen(port, host);
    await once(tcp, "listening");
    const server = await scripts.server(["--host", host, "--port", `${port}`]);
    assert.equal(server.port, port);
    await server.stop();
    tcp.close();
    holder.close();
  },

  "to many: a broadcast reaches the server, with permission only": async (scripts) => {
    const server = await scripts.server(["--broadcast"]);
    // It waits for more answers until then; the one that comes has to be in time.
    const everybody = ["--host", "127.255.255.255", "--timeout", "8s", "all"];
    const denied = await scripts.client(server.port, everybody);
    assert.equal(denied.exitCode, 1);
    assert.match(denied.stderr, /^Cannot send to 127\.255\.255\.255:\d+: .*--broadcast$/m);
    const { stdout, exitCode } = await scripts.client(server.port, ["--broadcast", ...everybody]);
    assert.match(stdout, /^Hello, all! from 127\.0\.0\.1:\d+$/m);
    assert.equal(exitCode, 0);
    assert.match((await server.stop()).stderr, /^Open to other machines: .* 1000 answers/);
  },

  "to many: a multicast group has several servers, and all answer": async (scripts) => {
    const group = "239.255.77.77";
    const join = ["--join", group, "--interface", "127.0.0.1"];
    const first = await scripts.server(join);
    const second = await scripts.server([...join, "--port", `${first.port}`, "--reply", "upper"]);
    const way = ["--host", group, "--interface", "127.0.0.1", "--ttl", "1"];
    const words = ["--port", `${first.port}`, ...way, "--timeout", "60s", "friends"];
    const client = scripts.start("udp_client", words);
    await client.seen(/from [\s\S]*from .*\n/);
    const { stdout } = await client.stop();
    const lines = stdout.trim().split("\n").sort();
    assert.equal(lines.length, 2, stdout);
    assert.match(lines[0] ?? "", /^FRIENDS from 127\.0\.0\.1:\d+$/);
    assert.match(lines[1] ?? "", /^Hello, friends! from 127\.0\.0\.1:\d+$/);
    await Promise.all([first.stop(), second.stop()]);
  },

  "a bad network: what is dropped is lost, to the last one": (scripts) =>
    compareLoss(scripts, ["--drop", "down:30%", "--seed", "7"]),

  "a bad network: retries get everything through": async (scripts) => {
    const server = await scripts.server();
    const relay = await scripts.relay(server.port, ["--drop", "40%", "--seed", "3"]);
    const retry = ["--retries", "1000", "--timeout", "30ms", "--count", "20"];
    const client = await scripts.client(relay.port, [...retry, "x{seq}"]);
    assert.equal(client.exitCode, 0, client.stderr);
    assert.match(client.stdout, /^20 sent, 20 received, 0 lost, \d+ retried,.* 0\.0 % loss$/m);
    await Promise.all([relay.stop(), server.stop()]);
  },

  "a bad network: duplicates and late ones are counted": async (scripts) => {
    const bad = ["--duplicate", "down:100%", "--reorder", "down:30%", "--seed", "5"];
    const server = await scripts.server();
    const relay = await scripts.relay(server.port, bad);
    const pace = ["--interval", "5ms", "--count", "40"];
    const client = await scripts.client(relay.port, [...pace, "x{seq}"]);
    const counts = client.stdout.split("\n").find((line) => line.includes("received")) ?? "";
    assert.match(counts, /^40 sent, 40 received, 0 lost/, client.stdout);
    assert.match(counts, /\d+ out of order/);
    // The last ones may come when the client has what it wants.
    assert.ok(Number(/(\d+) duplicated/.exec(counts)?.[1]) > 30, counts);
    await server.stop();
    const { stdout } = await relay.stop();
    assert.match(stdout, /; down 40 received, .*\b40 duplicated/);
  },

  "a bad network: a corrupted answer has one wrong bit, a delayed one is late": async (scripts) => {
    const server = await scripts.server();
    const relay = await scripts.relay(server.port, ["--corrupt", "down:100%", "--delay", "30ms"]);
    const stranger = await Stranger.bind();
    const start = performance.now();
    const answer = await stranger.ask("abc", relay.port);
    assert.ok(performance.now() - start >= 60);
    const wrong = [...Buffer.from("Hello, abc!")].map((byte, at) => byte ^ (answer[at] ?? 0));
    assert.equal(answer.length, 11);
    assert.equal(wrong.filter((bits) => bits !== 0).length, 1);
    const bits = wrong.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
    assert.equal(bits, 1);
    stranger.close();
    await Promise.all([relay.stop(), server.stop()]);
  },
});

describeOnEveryRuntime(
  "the first lesson",
  {
    "is greeted, and --count ends the server": async (scripts) => {
      const server = await scripts.server(["--count", "3"]);
      const client = await scripts.client(server.port);
      assert.equal(client.stdout, "Hello, Michael!\nHello, Tracy!\nHello, Sarah!\n");
      const { exitCode, stdout } = await server.ended;
      assert.match(stdout, /^3 received, 3 sent$/m);
      assert.equal(exitCode, 0);
    },
  },
  [tsxCommand],
);

async function compareLoss(scripts: Scripts, bad: readonly string[]): Promise<void> {
  const server = await scripts.server();
  const relay = await scripts.relay(server.port, bad);
  const many = ["--interval", "2ms", "--count", "60", "--timeout", "8s", "--quiet"];
  const client = await scripts.client(relay.port, [...many, "x{seq}"]);
  await server.stop();
  const { stdout, stderr } = await relay.stop();
  assert.match(stderr, /^Accidents as with --seed 7$/m);
  const dropped = Number(/(\d+) dropped/.exec(stdout)?.[1]);
  assert.ok(dropped > 5 && dropped < 35, stdout);
  assert.match(client.stdout, new RegExp(`^60 sent, ${60 - dropped} received, ${dropped} lost`));
  assert.equal(client.stderr.match(/^No answer to 'x\d+' within 8000 ms$/gm)?.length, dropped);
  assert.equal(client.exitCode, 1);
}
