import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import * as vscode from "vscode";
import type { Datagram, UdpWorkbench } from "../../extension/api.ts";
import { BadNetwork } from "../../scripts/udp_relay.ts";
import { activateWorkbench, datagramsOnce, until, untilAsked } from "./workbench_api.ts";

interface Started {
  address: string;
  port: number;
  pid: number;
}

const startServer = (options: object) =>
  vscode.commands.executeCommand<Started>("udpWorkbench.startServer", options);
const startClient = (options: object) =>
  vscode.commands.executeCommand<{ exitCode: number }>("udpWorkbench.startClient", options);

const startRelay = (options: object) =>
  vscode.commands.executeCommand<Started>("udpWorkbench.startRelay", options);

const described = async ({ id }: Datagram) => {
  const { sentences } = await vscode.commands.executeCommand<{ sentences: string[] }>(
    "udpWorkbench.describe",
    { id },
  );
  return sentences.join("\n");
};

const text = ({ payload }: Datagram) => new TextDecoder().decode(payload);

describe("the lesson, through commands", () => {
  let api: UdpWorkbench;

  before(async () => {
    api = await activateWorkbench();
  });

  beforeEach(async () => {
    await vscode.commands.executeCommand("udpWorkbench.clear", {});
  });

  afterEach(async () => {
    await vscode.commands.executeCommand("udpWorkbench.stopAll");
    assert.deepEqual(api.ports(), []);
  });

  it("shows three requests and three answers, each seen at both ends", async () => {
    const server = await startServer({ port: 0 });
    assert.equal(server.address, "127.0.0.1");
    const { exitCode } = await startClient({ port: server.port });
    assert.equal(exitCode, 0);

    const datagrams = await datagramsOnce(api, 12);
    const [bound, ...others] = api.ports();
    assert.deepEqual(others, []);
    assert.ok(bound);
    const { address, port, pid, program, received, sent, notRecorded, peers } = bound;
    assert.deepEqual({ address, port, pid }, server);
    assert.match(program, /^udp_server\.(ts|mjs)$/);
    assert.deepEqual({ received, sent, notRecorded }, { received: 3, sent: 3, notRecorded: 0 });
    assert.equal(peers.length, 1);
    assert.equal(peers[0]?.received, 3);

    const client = peers[0]?.port;
    for (const name of ["Michael", "Tracy", "Sarah"]) {
      for (const [payload, from, to] of [
        [name, client, server.port],
        [`Hello, ${name}!`, server.port, client],
      ] as const) {
        const seen = datagrams.filter((datagram) => text(datagram) === payload);
        assert.deepEqual(
          seen.map(({ direction, local, peer }) => [direction, local.port, peer.port]).sort(),
          [
            ["in", to, from],
            ["out", from, to],
          ],
          payload,
        );
        for (const { length, local, peer } of seen) {
          assert.equal(length, payload.length);
          assert.equal(local.address, "127.0.0.1");
          assert.equal(peer.address, "127.0.0.1");
        }
      }
    }
    const times = datagrams.map(({ time }) => time);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
  });

  it("works over IPv6", async () => {
    const server = await startServer({ host: "::1", port: 0 });
    assert.equal(server.address, "::1");
    assert.deepEqual(await startClient({ host: "::1", port: server.port }), { exitCode: 0 });
    await datagramsOnce(api, 12);
    assert.equal((await api.datagrams({ from: 0, to: 1 }))[0]?.peer.address, "::1");
  });

  it("sends the messages that are asked for, whatever they start with", async () => {
    const server = await startServer({ port: 0, reply: "echo" });
    const messages = ["--help", "two words", "$(bell) `id` %PATH%", "你好"];
    assert.deepEqual(await startClient({ port: server.port, messages }), { exitCode: 0 });
    const received = (await datagramsOnce(api, 16)).filter(
      ({ direction, local }) => direction === "in" && local.port === server.port,
    );
    assert.deepEqual(received.map(text), messages);
  });

  it("says what the terminal says when a port is taken, and leaves the first server alone", async () => {
    const first = await startServer({ port: 0 });
    await assert.rejects(Promise.resolve(startServer({ port: first.port })), {
      message: new RegExp(
        `^Cannot bind 127\\.0\\.0\\.1:${first.port}: address already in use \\(EADDRINUSE\\); ` +
          `udp_server\\.(ts|mjs) \\(process ${first.pid}\\) has it$`,
      ),
    });
    assert.deepEqual(
      api.ports().map(({ address, port, pid }) => ({ address, port, pid })),
      [first],
    );
    assert.deepEqual(await startClient({ port: first.port }), { exitCode: 0 });
  });

  it("says why it cannot bind an address that this machine has not", async () => {
    await assert.rejects(Promise.resolve(startServer({ host: "192.0.2.1", port: 0 })), {
      message: "Cannot bind 192.0.2.1:0: address not available (EADDRNOTAVAIL)",
    });
  });

  it("ends with 1 when nobody answers", async () => {
    const silent = createSocket("udp4").bind(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address();
    // Connected with itself, it keeps the port from anybody else and takes nothing from the client.
    silent.connect(port, "127.0.0.1");
    await once(silent, "connect");
    assert.deepEqual(await startClient({ port }), { exitCode: 1 });
    silent.close();
  });

  it("answers a program that is not tapped", async () => {
    const server = await startServer({ port: 0 });
    const client = createSocket("udp4");
    client.send("stranger", server.port, "127.0.0.1");
    const [answer] = (await once(client, "message")) as [Buffer];
    const { port } = client.address();
    client.close();
    assert.equal(answer.toString(), "Hello, stranger!");
    await until(api, "the answer is captured", () => api.ports()[0]?.sent === 1);
    assert.deepEqual(
      (await api.datagrams()).map(({ direction, peer, payload }) => [
        direction,
        peer.port,
        Buffer.from(payload).toString(),
      ]),
      [
        ["in", port, "stranger"],
        ["out", port, "Hello, stranger!"],
      ],
    );
  });

  it("takes the ports of a killed program out of the tree within two seconds and keeps its datagrams", async () => {
    const server = await startServer({ port: 0 });
    assert.deepEqual(await startClient({ port: server.port }), { exitCode: 0 });
    await datagramsOnce(api, 12);
    // As the extension host itself counts them: while others have the processor, it can do nothing.
    let quarters = 0;
    const counting = setInterval(() => quarters++, 250);
    process.kill(server.pid, "SIGKILL");
    await until(api, "the port is gone", () => api.ports().length === 0);
    clearInterval(counting);
    assert.ok(quarters < 8, `${quarters / 4} s`);
    assert.equal((await api.datagrams()).length, 12);
  });

  it("stops one server of two", async () => {
    const first = await startServer({ port: 0 });
    const second = await startServer({ port: 0 });
    await vscode.commands.executeCommand("udpWorkbench.stop", first);
    assert.deepEqual(
      api.ports().map(({ port }) => port),
      [second.port],
    );
    assert.throws(() => process.kill(first.pid, 0), { code: "ESRCH" });
  });

  it("clears the table and the counts of it, and goes on", async () => {
    const server = await startServer({ port: 0 });
    await startClient({ port: server.port, messages: ["one"] });
    await datagramsOnce(api, 4);
    await vscode.commands.executeCommand("udpWorkbench.clear", {});
    assert.deepEqual(await api.datagrams(), []);
    assert.equal(api.ports()[0]?.received, 0);
    await startClient({ port: server.port, messages: ["two"] });
    assert.deepEqual([...new Set((await datagramsOnce(api, 4)).map(text))], ["two", "Hello, two!"]);
    assert.equal(api.ports()[0]?.received, 1);
  });

  it("takes payloads as they are: none, the longest, and what is no text", async () => {
    const server = await startServer({ port: 0, reply: "none" });
    const client = createSocket({ type: "udp4", sendBufferSize: 1 << 20 }).bind(0, "127.0.0.1");
    await once(client, "listening");
    const longest = new Uint8Array(65_507).map((_, index) => index * 7);
    const payloads = [new Uint8Array(0), longest, Uint8Array.of(0xff, 0xfe, 0xc0, 0x80, 0x1b)];
    for (const payload of payloads) {
      await new Promise((resolve) => client.send(payload, server.port, "127.0.0.1", resolve));
    }
    await until(api, "all are captured", () => api.ports()[0]?.received === payloads.length);
    client.close();
    const seen = await api.datagrams();
    assert.deepEqual(
      seen.map(({ length }) => length),
      [0, 65_507, 5],
    );
    for (const [index, payload] of payloads.entries()) {
      assert.ok(Buffer.from(payload).equals(seen[index]?.payload ?? new Uint8Array(1)), `${index}`);
      assert.equal(seen[index]?.payload.buffer.byteLength, payload.length, "no view into more");
    }
  });

  for (const options of [
    { port: -1 },
    { port: 65_536 },
    { port: 1.5 },
    { port: "9999" },
    { host: 5 },
    { host: "a\0b" },
    { reply: {} },
  ]) {
    it(`refuses ${JSON.stringify(options)} before anything is started`, async () => {
      const opened: string[] = [];
      const listener = vscode.window.onDidOpenTerminal(({ name }) => opened.push(name));
      await assert.rejects(
        Promise.resolve(startServer(options)),
        /^HumanError: Cannot use the option /,
      );
      listener.dispose();
      assert.deepEqual(opened, []);
    });
  }

  it("says so when a port to stop is not bound", async () => {
    await assert.rejects(
      Promise.resolve(vscode.commands.executeCommand("udpWorkbench.stop", { port: 1 })),
      /Cannot find the bound port 1/,
    );
  });

  it("refuses positions that are none", async () => {
    for (const range of [{ from: -1 }, { to: 0.5 }, { from: Number.NaN }]) {
      await assert.rejects(api.datagrams(range), RangeError);
    }
  });

  it("loses, on a bad network between the two, exactly what the relay has dropped", async () => {
    const server = await startServer({ port: 0, reply: "none" });
    const relay = await startRelay({
      to: `127.0.0.1:${server.port}`,
      listen: "127.0.0.1:0",
      drop: "up:30%",
      seed: 7,
    });
    assert.equal(relay.address, "127.0.0.1");
    const sent = { port: relay.port, messages: ["x{seq}"], count: 20, "no-wait": true, rate: 200 };
    assert.equal((await startClient(sent)).exitCode, 0);
    // The first twenty of this seed, as in any other place where there is a rule.
    const network = new BadNetwork({ drop: 30, seed: 7 });
    const passed = Array.from({ length: 20 }, (_, at) => `x${at + 1}`).filter(
      (message) => !network.fateOf(Buffer.from(message), 0, 0).dropped,
    );
    const receivedAt = (at: number) => api.ports().find(({ port }) => port === at)?.received;
    // Each of the two is recorded on its own.
    await until(api, "all has come to the relay, and what passed to the server", () => {
      return receivedAt(relay.port) === 20 && receivedAt(server.port) === passed.length;
    });
    const arrived = (await api.datagrams()).filter(
      ({ direction, local }) => direction === "in" && local.port === server.port,
    );
    assert.deepEqual(arrived.map(text), passed);
    let told: string[] = [];
    await untilAsked(
      api,
      () => `each hop leads to the other one: ${told.join(" ")}`,
      async () => {
        const all = (await api.datagrams()).filter((it) => text(it) === passed[0]);
        const hops = [relay, server].map(({ port }) =>
          all.find(({ direction, peer }) => direction === "out" && peer.port === port),
        );
        told = await Promise.all(hops.map((hop) => (hop ? described(hop) : "")));
        const [first = "", second = ""] = told;
        const passedOn = `passed it on to 127.0.0.1:${server.port}`;
        const came = `had received it from 127.0.0.1:${hops[0]?.local.port}`;
        return first.includes(passedOn) && second.includes(came);
      },
    );
    for (const hop of told)
      assert.match(hop, /^udp_relay\.\w+ .* (later|before): delivered .*\.$/m);
  });

  it("tells a caller what is wrong with a relay", async () => {
    for (const [options, sentence] of [
      [{}, /\bto\b/],
      [{ to: "127.0.0.1:9", drop: 101 }, /drop.*0 to 100/],
      [{ to: "127.0.0.1:9", listen: "nowhere" }, /listen/],
      [{ to: "127.0.0.1:9", listen: "192.0.2.1:0" }, /^Cannot bind 192\.0\.2\.1:0: /],
      [{ to: "127.0.0.1:9", loss: 3 }, /loss/],
    ] as const) {
      await assert.rejects(Promise.resolve(startRelay(options)), { message: sentence });
    }
  });
});
