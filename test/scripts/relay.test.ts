import assert from "node:assert/strict";
import { BadNetwork } from "../../scripts/udp_relay.ts";
import { refusingPort } from "../support/refusing_port.ts";
import { describeOnEveryRuntime, onNode24 } from "../support/script_scenarios.ts";
import { Stranger } from "../support/script_socket.ts";

const parse = (output: string): Record<string, unknown>[] =>
  output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

/** What is told last: the counts of both ways. */
const lastLine = (stdout: string) => stdout.trim().split("\n").at(-1);

describeOnEveryRuntime("a relay", {
  "gives each of sixteen clients its own answers": async (scripts) => {
    const peers = new Set<number>();
    const target = await Stranger.bind((data) => `${data}!`);
    const relay = await scripts.relay(target.port);
    const clients = await Promise.all(Array.from({ length: 16 }, () => Stranger.bind()));
    for (let round = 0; round < 4; round++) {
      await Promise.all(
        clients.map(async (client, at) => {
          const answer = await client.ask(`${round} of ${at}`, relay.port);
          assert.equal(`${answer}`, `${round} of ${at}!`);
        }),
      );
    }
    for (const { peer } of await target.all()) peers.add(peer.port);
    assert.equal(peers.size, 16);
    for (const client of clients) {
      for (const { peer } of client.received) assert.equal(peer.port, relay.port);
      client.close();
    }
    const { exitCode, stdout, stderr } = await relay.stop();
    target.close();
    assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" });
    assert.equal(lastLine(stdout), "up 64 received, 64 sent; down 64 received, 64 sent");
    const perClient = /^Client 127\.0\.0\.1:\d+: up 4 received, 4 sent; down 4 received, 4 sent$/gm;
    assert.equal(stdout.match(perClient)?.length, 16);
  },

  "loses, delays and changes as its rule says, and the same ones for the same seed": async (
    scripts,
  ) => {
    const rule = { drop: 30, corrupt: 10, duplicate: 10, seed: 7 };
    const target = await Stranger.bind();
    const accidents = ["--drop", "30%", "--corrupt", "up:10%", "--duplicate", "up:10%"];
    const relay = await scripts.relay(target.port, [...accidents, "--seed", "7", "--quiet"]);
    const client = await Stranger.bind();
    const network = new BadNetwork(rule);
    const expected: string[] = [];
    for (let number = 0; number < 200; number++) {
      const payload = Buffer.from(`number ${number}`);
      const { copies, flippedBit: bit } = network.fateOf(payload, 0, 0);
      if (bit !== undefined) payload[bit >> 3] = (payload[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      for (let copy = 0; copy < copies; copy++) expected.push(payload.toString("latin1"));
      client.send(`number ${number}`, relay.port);
    }
    while (target.received.length < expected.length) await target.next();
    assert.deepEqual(
      (await target.all()).map(({ data }) => data.toString("latin1")),
      expected,
    );
    client.close();
    const { stdout, stderr } = await relay.stop();
    target.close();
    assert.equal(stderr, "Accidents as with --seed 7\n");
    assert.match(stdout, /^up 200 received, \d+ sent, .*\d+ dropped/m);
  },

  "passes between the families, and from a name": async (scripts) => {
    const target = await Stranger.bind((data) => data, { address: "::1" });
    const relay = await scripts.relay(`[::1]:${target.port}`, ["--listen", "127.0.0.1:0"]);
    const client = await Stranger.bind();
    assert.equal(`${await client.ask("over", relay.port)}`, "over");
    client.close();
    await relay.stop();
    target.close();
  },

  "tells what it does, in words and in JSON": async (scripts) => {
    const target = await Stranger.bind((data) => data);
    const words = await scripts.relay(target.port, ["--verbose", "--drop", "down:100%"]);
    const json = await scripts.relay(target.port, ["--json", "--delay", "up:20ms"]);
    const client = await Stranger.bind();
    client.send("a\x1b[2J", words.port);
    await words.seen(/dropped/);
    await client.ask("b", json.port);
    const told = (await words.stop()).stdout;
    assert.match(told, /^127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+: a\\x1b\[2J$/m);
    assert.match(told, /^127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+: a\\x1b\[2J, dropped \(drop\)$/m);
    const [bound, up, down, client_, tally] = parse((await json.stop()).stdout);
    assert.deepEqual(bound, {
      bound: { address: "127.0.0.1", port: json.port },
      to: { address: "127.0.0.1", port: target.port },
    });
    assert.deepEqual([up?.way, down?.way], ["up", "down"]);
    assert.deepEqual([up?.["udp.dstport"], up?.["data.text"]], [target.port, "b"]);
    assert.deepEqual(up?.fate, { copies: 1, delayMs: 20 });
    assert.deepEqual(down?.fate, { copies: 1, delayMs: 0 });
    const counts = { up: { received: 1, sent: 1, delayed: 1 }, down: { received: 1, sent: 1 } };
    assert.deepEqual(tally, counts);
    assert.deepEqual(
      { ...(client_?.client as object), address: 0, port: 0 },
      {
        address: 0,
        port: 0,
        ...counts,
      },
    );
    client.close();
    target.close();
  },

  "hears a group, and passes on to one": async (scripts) => {
    const target = await Stranger.bind((data) => `${data}!`);
    const group = ["--join", "239.77.7.7", "--interface", "127.0.0.1"];
    const relay = await scripts.relay(target.port, [...group, "--listen", "0.0.0.0:0"]);
    const where = ["--host", "239.77.7.7", "--interface", "127.0.0.1", "--timeout", "300ms"];
    let answer = "";
    while (!answer) answer = (await onNode24().client(relay.port, [...where, "all"])).stdout;
    assert.match(answer, /^all! from 127\.0\.0\.1:\d+$/m);
    target.close();
    const { stderr } = await relay.stop();
    assert.match(stderr, /^Open to other machines: up to 1000 of them reach the target /);
  },

  "hears a broadcast, and passes on to one": async (scripts) => {
    const target = await Stranger.bind((data) => `${data}!`);
    const relay = await scripts.relay(target.port, ["--broadcast", "--listen", "0.0.0.0:0"]);
    const words = ["--broadcast", "--host", "127.255.255.255", "--timeout", "300ms", "all"];
    let answer = "";
    while (!answer) answer = (await onNode24().client(relay.port, words)).stdout;
    assert.match(answer, /^all! from 127\.0\.0\.1:\d+$/m);
    target.close();
    const { stderr } = await relay.stop();
    assert.match(stderr, /^Open to other machines: up to 1000 of them reach the target /);
  },

  "forgets who is silent, and gives room to others": async (scripts) => {
    const target = await Stranger.bind((data) => data);
    const args = ["--clients", "1", "--idle", "200ms"];
    const relay = await scripts.relay(target.port, args);
    const [first, second] = [await Stranger.bind(), await Stranger.bind()];
    await first.ask("a", relay.port);
    second.send("b", relay.port);
    await relay.seen(/^Not passed on: 127\.0\.0\.1:\d+ is over --clients 1$/m);
    await relay.seen(/^Client /m);
    assert.equal(`${await second.ask("c", relay.port)}`, "c");
    for (const it of [first, second, target]) it.close();
    await relay.stop();
  },

  "says where nobody is": async (scripts) => {
    const closed = await refusingPort();
    const relay = await scripts.relay(closed.port);
    const client = await Stranger.bind();
    client.send("a", relay.port);
    if (scripts.runtime.lacks.has("refused")) {
      await relay.seen(/-> .*: 1 bytes/);
    } else {
      await relay.seen(/^Cannot pass on to 127\.0\.0\.1:\d+: nobody has that port/m);
    }
    client.close();
    await relay.stop();
    closed.close();
  },

  "does not go round in a ring of relays": async (scripts) => {
    const last = await scripts.relay(9, ["--quiet", "--clients", "20"]);
    const relay = await scripts.relay(last.port, ["--quiet", "--clients", "40"]);
    await last.stop();
    const args = ["--listen", `127.0.0.1:${last.port}`, "--clients", "20"];
    const ring = await scripts.relay(relay.port, args);
    const client = await Stranger.bind();
    client.send("round", relay.port);
    // Each round is another client, and of these there may be so many. What comes after is refused, and told.
    await ring.seen(/is over --clients 20$/m);
    client.close();
    for (const { stdout } of [await relay.stop(), await ring.stop()]) {
      assert.match(lastLine(stdout) ?? "", /^up \d\d? received, \d\d? sent/);
    }
  },
});

describe("a relay that cannot be", () => {
  for (const [args, sentence] of [
    [[], /^--to takes ADDRESS:PORT, the target\n$/],
    [["--to", "9999x"], /^--to takes ADDRESS:PORT as in 127\.0\.0\.1:9999 .* not '9999x'\n$/],
    [["--to", "1", "--drop", "30"], /^--drop takes a number with a unit \(%\), not '30'\n$/],
    [["--to", "1", "--drop", "left:3%"], /^--drop takes /],
    [["--to", "1", "--burst", "3%"], /^--burst takes two values as in 1%\/25%, not '3%'\n$/],
    [["--to", "1", "--outage", "5s/1s"], /^A rule's outage lasts no longer than every\n$/],
    [["--to", "1", "--only", "x"], /^--only takes a length /],
    [["--to", "1", "--interface", "127.0.0.1"], /^--interface says where to --join/],
    [["--to", "1", "--broadcast", "--listen", "127.0.0.1:0"], /^--broadcast listens on 0\.0\.0\.0/],
  ] as const) {
    it(`says so: ${args.join(" ") || "no target"}`, async () => {
      const { exitCode, stdout, stderr } = await onNode24().start("udp_relay", args).ended;
      assert.deepEqual({ exitCode, stdout }, { exitCode: 2, stdout: "" });
      assert.match(stderr, sentence);
    });
  }

  it("is not its own target, whatever it is called", async () => {
    const scripts = onNode24();
    const relay = await scripts.relay(9);
    await relay.stop();
    for (const listen of ["127.0.0.1", "0.0.0.0"]) {
      const args = ["--listen", `${listen}:${relay.port}`, "--to", `127.0.0.1:${relay.port}`];
      const { exitCode, stderr } = await scripts.start("udp_relay", args).ended;
      assert.equal(exitCode, 1);
      assert.match(stderr, /^Cannot relay to 127\.0\.0\.1:\d+: it is this relay's own port\n$/);
    }
  });

  it("is told when its port is taken", async () => {
    const owner = await Stranger.bind();
    const args = ["--to", "9", "--listen", `127.0.0.1:${owner.port}`];
    const { exitCode, stderr } = await onNode24().start("udp_relay", args).ended;
    owner.close();
    assert.equal(exitCode, 1);
    assert.match(stderr, /^Cannot bind 127\.0\.0\.1:\d+: address already in use \(EADDRINUSE\)/);
  });
});

describe("100,000 datagrams through a relay that loses 30 %", function () {
  this.timeout(300_000);
  it("lose exactly those that the rule loses", async () => {
    const target = await Stranger.bind();
    const rule = ["--drop", "up:30%", "--seed", "7", "--quiet"];
    const relay = await onNode24().relay(target.port, rule);
    const network = new BadNetwork({ drop: 30, seed: 7 });
    const client = await Stranger.bind();
    let expected = 0;
    let lost = 0;
    for (let number = 0; number < 100_000; ) {
      // No more at once than a receive buffer holds: the machine itself loses nothing.
      for (const end = number + 100; number < end; number++) {
        const payload = Buffer.from(`${number}`);
        client.send(payload, relay.port);
        if (network.fateOf(payload, 0, 0).dropped) lost++;
        else expected++;
      }
      while (target.received.length < expected) await target.next();
    }
    const received = await target.all();
    assert.equal(received.length, expected);
    assert.ok(Math.abs(lost - 30_000) < 500);
    const again = new BadNetwork({ drop: 30, seed: 7 });
    const numbers = Array.from({ length: 100_000 }, (_, number) => number).filter(
      (number) => !again.fateOf(Buffer.from(`${number}`), 0, 0).dropped,
    );
    assert.deepEqual(
      received.map(({ data }) => Number(`${data}`)),
      numbers,
    );
    client.close();
    const { stdout } = await relay.stop();
    target.close();
    assert.equal(
      lastLine(stdout),
      `up 100000 received, ${expected} sent, ${lost} dropped; down 0 received, 0 sent`,
    );
  });
});
