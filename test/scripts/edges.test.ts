import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { refusingPort } from "../support/refusing_port.ts";
import { Program, quickRuntimes, type ScriptName, type Scripts } from "../support/run_script.ts";
import { describeOnEveryRuntime, onNode24 } from "../support/script_scenarios.ts";
import { type Received, Stranger } from "../support/script_socket.ts";

const parse = (output: string): Record<string, unknown>[] =>
  output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

/** What tshark calls the parts of a UDP datagram. */
const FIELDS = ["frame.time_epoch", "ip.src", "ip.dst", "udp.srcport", "udp.dstport"].concat([
  "udp.length",
  "data.len",
  "data.data",
  "data.text",
]);

const MISUSE: Record<string, string[]> = {
  udp_server: [
    "--host=",
    "--join=",
    "--interface 127.0.0.1",
    "--workers 2 --count 1",
    "--workers 2 --reply chat",
    "--broadcast --host 127.0.0.1",
  ],
  udp_client: [
    "--format hex 41 zz",
    "--format morse",
    "--bind 127.0.0.1",
    "--count 2 -",
    "- -",
    "--host=",
    "--interface=",
    "--rate 5 --interval 1s",
    "--no-wait --retries 1",
    "--interactive x",
    "--interactive --file x",
    "--interactive --no-wait",
  ],
};

const edges: Readonly<Record<string, (scripts: Scripts) => Promise<void>>> = {
  "--json: every line is an object with Wireshark's names": async (scripts) => {
    const server = await scripts.server(["--json"]);
    const client = await scripts.client(server.port, ["--json", "a"]);
    const { stdout } = await server.stop();
    const [bound, received, sent, tally, ...more] = parse(stdout);
    assert.deepEqual(bound, { bound: { address: "127.0.0.1", port: server.port } });
    assert.deepEqual([Object.keys(received ?? {}), Object.keys(sent ?? {})], [FIELDS, FIELDS]);
    assert.equal(received?.["udp.dstport"], server.port);
    assert.equal(received?.["udp.length"], 9);
    assert.equal(sent?.["data.text"], "Hello, a!");
    assert.deepEqual([tally, more], [{ received: 1, sent: 1 }, []]);
    const [answer, statistics, ...rest] = parse(client.stdout);
    assert.deepEqual(Object.keys(answer ?? {}), [...FIELDS, "rtt_ms"]);
    assert.equal(answer?.["udp.srcport"], server.port);
    assert.deepEqual({ ...statistics, rtt_ms: 0 }, { sent: 1, received: 1, lost: 0, rtt_ms: 0 });
    assert.deepEqual(rest, []);
  },

  "--json: the length of what was cut, and IPv4 also through a socket for both": async (
    scripts,
  ) => {
    const server = await scripts.server(["--json", "--host", "::", "--buffer", "4"]);
    await scripts.client(server.port, ["0123456789"]);
    const lines = parse((await server.stop()).stdout);
    const received = lines.find((line) => line["udp.dstport"] === server.port) ?? {};
    const sent = lines.find((line) => line["udp.srcport"] === server.port) ?? {};
    assert.deepEqual([received["udp.length"], received["data.len"]], [18, 4]);
    assert.deepEqual([received["ip.src"], received["ip.dst"]], ["127.0.0.1", "0.0.0.0"]);
    assert.deepEqual([sent["ip.src"], sent["ip.dst"]], ["0.0.0.0", "127.0.0.1"]);
    assert.ok(!("ipv6.src" in received) && !("ipv6.src" in sent));
  },

  "SIGTERM ends a client with its statistics": async (scripts) => {
    const stranger = await Stranger.bind((data) => data);
    const args = ["--port", `${stranger.port}`, "--count", "1000", "--interval", "20ms", "x{seq}"];
    args.push("--timeout", "30s");
    const client = scripts.start("udp_client", args);
    await client.seen(/^x3$/m);
    const { exitCode, stdout } = await client.stop("SIGTERM");
    stranger.close();
    const counts = /^(\d+) sent, (\d+) received, 0 lost,(?: (\d+) unanswered,)? 0\.0 % loss$/m;
    const [sent, received, unanswered] = (counts.exec(stdout) ?? []).slice(1).map((n) => +(n ?? 0));
    assert.equal(sent, (received ?? 0) + (unanswered ?? 0), stdout);
    assert.match(stdout, /^RTT min\/median\/p99\/max\/jitter = (\d+\.\d{3}\/?){5} ms$/m);
    assert.equal(exitCode, 0);
  },

  "a second signal, as a launcher sends it, changes nothing": async (scripts) => {
    const server = await scripts.server();
    const { exitCode, stdout } = await server.stop("SIGINT", "SIGTERM");
    assert.match(stdout, /^0 received, 0 sent$/m);
    assert.equal(exitCode, 0);
  },

  "a closed port is told at once": async (scripts) => {
    const closed = await refusingPort();
    const { port } = closed;
    const wait = scripts.runtime.lacks.has("refused") ? "300ms" : "60s";
    const { exitCode, stderr } = await scripts.client(port, ["--timeout", wait, "one", "two"]);
    closed.close();
    assert.equal(exitCode, 1);
    if (wait === "60s") {
      const why = "nobody has that port (ECONNREFUSED); start the server first";
      assert.equal(stderr, `Cannot send to 127.0.0.1:${port}: ${why}\n`);
    } else {
      assert.match(stderr, /^No answer to 'one' within 300 ms$/m);
    }
  },

  "a taken port, misuse and help": async (scripts) => {
    const server = await scripts.server();
    const second = await scripts.start("udp_server", ["--port", `${server.port}`]).ended;
    const why = "address already in use (EADDRINUSE); stop its owner or try another --port\n";
    assert.equal(second.stderr, `Cannot bind 127.0.0.1:${server.port}: ${why}`);
    assert.equal(second.exitCode, 1);
    await server.stop();
    for (const script of ["udp_server", "udp_client"] as const) {
      const wrong = ["--port 1e3", "--nonsense", ...(MISUSE[script] ?? [])];
      for (const words of wrong) {
        const { exitCode, stdout, stderr } = await scripts.start(script, words.split(" ")).ended;
        assert.deepEqual({ exitCode, stdout }, { exitCode: 2, stdout: "" }, words);
        assert.match(stderr, /^.+\n$/);
      }
      const help = await scripts.start(script, ["--help", "--port", "99999"]).ended;
      assert.deepEqual([help.exitCode, help.stderr], [0, ""]);
      assert.match(help.stdout, /^Usage: /);
    }
  },

  "--file: an empty one, the largest, and one byte too many": async (scripts) => {
    const folder = mkdtempSync(join(tmpdir(), "udp-scripts-"));
    const path = join(folder, "payload");
    const stranger = await Stranger.bind((data) => `${data.length}`);
    for (const size of [0, 65_507, 65_508]) {
      writeFileSync(path, Buffer.alloc(size, 7));
      const args = ["--file", path];
      const client = await scripts.client(stranger.port, args, { files: true });
      if (size <= 65_507) {
        assert.equal(client.stdout, `${size}\n`);
      } else {
        const why = "a datagram holds at most 65507; send less at a time";
        assert.deepEqual([client.exitCode, client.stdout], [1, ""]);
        assert.equal(client.stderr, `Cannot send ${size} bytes: ${why}\n`);
      }
    }
    assert.deepEqual(
      stranger.received.map(({ data }) => data.length),
      [0, 65_507],
    );
    writeFileSync(path, "41 42");
    const numbered = ["--file", path, "n{seq}", "-", "n{seq}"];
    const mixed = await scripts.client(stranger.port, numbered, { files: true, input: "x\ny\n" });
    assert.equal(mixed.exitCode, 0);
    assert.deepEqual(
      stranger.received.slice(-5).map(({ data }) => `${data}`),
      ["41 42", "n2", "x", "y", "n5"],
    );
    const args = ["--file", path, "--format", "hex"];
    assert.equal((await scripts.client(stranger.port, args, { files: true })).stdout, "2\n");
    // What can be read only once is sent as often as was asked for.
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const written = writeFile(pipe, "once");
    const twice = ["--file", pipe, "--count", "2"];
    const once = await scripts.client(stranger.port, twice, { files: true });
    await written;
    assert.match(once.stdout, /^4\n4\n/);
    const missing = await scripts.client(stranger.port, ["--file", `${path}2`], { files: true });
    stranger.close();
    assert.match(missing.stderr, /^Cannot read the file: .*payload2/);
    assert.equal(missing.exitCode, 1);
    rmSync(folder, { recursive: true });
  },

  "--workers: threads share the port and add up, or one sentence": async (scripts) => {
    if (scripts.runtime.lacks.has("reusePort")) {
      const args = ["--port", "0", "--workers", "2"];
      const { exitCode, stdout, stderr } = await scripts.start("udp_server", args).ended;
      assert.deepEqual({ exitCode, stdout }, { exitCode: 1, stdout: "" });
      assert.match(
        stderr,
        /^Cannot share port \d+ among threads: this runtime has no SO_REUSE.*\n$/,
      );
      return;
    }
    const server = await scripts.server(["--workers", "2"]);
    const clients = [1, 2, 3, 4, 5, 6, 7, 8].map(() => scripts.client(server.port));
    for (const client of await Promise.all(clients))
      assert.equal(client.exitCode, 0, client.stderr);
    assert.match((await server.stop()).stdout, /^24 received, 24 sent\n$/m);
  },

  "--bind, --count, --no-wait and --rate": async (scripts) => {
    const stranger = await Stranger.bind();
    // Who has a port on one address keeps it free on the others, where nobody asks for one by its number.
    const { port } = stranger;
    const from = ["--bind", `127.0.0.5:${port}`, "--no-wait", "--count", "30", "--rate", "300"];
    const start = performance.now();
    const client = await scripts.client(stranger.port, [...from, "n{seq}"]);
    assert.ok(performance.now() - start >= 95);
    const received = await stranger.all();
    stranger.close();
    assert.match(client.stdout, /^30 sent, 0 received, 0 lost/);
    assert.deepEqual(
      received.map(({ data }) => `${data}`),
      Array.from({ length: 30 }, (_, at) => `n${at + 1}`),
    );
    const from5 = received.filter(({ peer }) => {
      return peer.port === port && peer.address === "127.0.0.5";
    });
    assert.equal(from5.length, 30);
  },

  "--interval: no burst follows a pause of the input": async (scripts) => {
    const times: number[] = [];
    const stranger = await Stranger.bind(() => {
      times.push(performance.now());
      return undefined;
    });
    const args = ["--port", `${stranger.port}`, "--interval", "300ms", "--no-wait", "-"];
    const client = scripts.start("udp_client", args, { input: "open" });
    const first = stranger.next();
    client.type("first\n");
    await first;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    client.type("1\n2\n3\n4\n");
    client.closeInput();
    await client.ended;
    await stranger.all();
    stranger.close();
    const [, one = 0, , , four = 0] = times;
    assert.equal(times.length, 5);
    assert.ok(four - one > 600, `${times.map((time) => Math.round(time))}`); // 900, but for a busy machine
  },

  "--interval: no burst follows a pause of the process": async (scripts) => {
    const args = ["--no-wait", "--interval", "20ms", "--count", "50", "{seq}"];
    const stranger = await Stranger.bind();
    const start = performance.now();
    const client = scripts.start("udp_client", ["--port", `${stranger.port}`, ...args]);
    await stranger.next();
    await client.pause(1000);
    await client.ended;
    // Those that were due in the pause are not made up for; a busy machine takes longer, never less.
    assert.ok(performance.now() - start > 1800);
    assert.equal((await stranger.all()).length, 50);
    stranger.close();
  },

  "a terminal that is closed (SIGHUP) takes no summary with it": async (scripts) => {
    const server = await scripts.server();
    const ended = await server.stop("SIGHUP");
    assert.match(ended.stdout, /^0 received, 0 sent$/m);
    assert.equal(ended.exitCode, 0);
    const stranger = await Stranger.bind();
    const args = ["--port", `${stranger.port}`, "--timeout", "60s", "x"];
    const client = scripts.start("udp_client", args);
    await stranger.next();
    assert.match((await client.stop("SIGHUP")).stdout, /^1 sent, 0 received, 0 lost, 1 unanswered/);
    stranger.close();
  },

  "datagrams leave in their order, however fast": async (scripts) => {
    const stranger = await Stranger.bind();
    const fast = ["--no-wait", "--rate", "100000", "--count", "100", "{seq}"];
    const { exitCode } = await scripts.client(stranger.port, fast);
    const received = await stranger.all();
    stranger.close();
    assert.equal(exitCode, 0);
    const seqs = received.map(({ data }) => Number(`${data}`));
    assert.deepEqual(
      seqs,
      Array.from({ length: 100 }, (_, at) => at + 1),
    );
  },

  "a flood of messages to a person is refused, and counted": async (scripts) => {
    const words = ["--reply", "chat", "--count", "101"];
    const server = await scripts.server(words, { input: "open" });
    const stranger = await Stranger.bind();
    for (let seq = 1; seq <= 101; seq++) {
      stranger.send(`m${seq}`, server.port);
      await server.seen(new RegExp(`: m${seq}\n`));
    }
    // The last one is refused; the others still wait for their answers, however long a person takes for them.
    for (let prompt = 1; prompt <= 100; prompt++) {
      await server.seen(new RegExp(`(Answer 127[^A]*){${prompt}}`));
      server.type("yes\n");
    }
    const { stdout } = await server.ended;
    const answers = await stranger.all();
    stranger.close();
    assert.match(stdout, /101 received, 100 sent, 1 refused\n$/);
    assert.equal(answers.length, 100);
  },

  "a chat without a keyboard is over at once, and says so": async (scripts) => {
    const args = ["--port", "0", "--reply", "chat"];
    const { exitCode, stdout } = await scripts.start("udp_server", args, { input: "" }).ended;
    assert.match(stdout, /Nobody types any more: the chat is over\n/);
    assert.equal(exitCode, 0);
  },

  "a chat that is over counts who still waits": async (scripts) => {
    const server = await scripts.server(["--reply", "chat"], { input: "open" });
    const [one, other] = [await Stranger.bind(), await Stranger.bind()];
    one.send("are you there?", server.port);
    await server.seen(/Answer /);
    other.send("bye", server.port);
    assert.match((await server.ended).stdout, /\n2 received, 0 sent, 1 unanswered\n$/);
    one.close();
    other.close();
  },

  "a host that is none": async (scripts) => {
    for (const [script, what] of [
      ["udp_server", "bind"],
      ["udp_client", "send to"],
    ] as const) {
      const { exitCode, stderr } = await scripts.start(script, ["--host", "none.invalid"]).ended;
      // The second where no name server can be asked.
      const why =
        "(no such host \\(ENOTFOUND\\)|no name server answers \\(EAI_AGAIN\\)); see --host";
      assert.match(stderr, new RegExp(`^Cannot ${what} none\\.invalid:9999: ${why}.*\\n$`));
      assert.equal(exitCode, 1);
    }
  },

  "statistics: lost, duplicated and unexpected answers are told apart": async (scripts) => {
    // Instead of the second it answers the first, again.
    const stranger = await Stranger.bind((data) => (`${data}` === "x2" ? "x1" : data));
    const args = ["--timeout", "5s", "--count", "3", "--json", "x{seq}"];
    const { exitCode, stdout } = await scripts.client(stranger.port, args);
    stranger.close();
    const { rtt_ms, ...counts } = parse(stdout).at(-1) ?? {};
    assert.deepEqual(counts, { sent: 3, received: 2, lost: 1, duplicated: 1 });
    const { min, median, p99, max } = rtt_ms as Record<string, number>;
    assert.ok(Number(min) <= Number(median) && median === min && p99 === max);
    assert.equal(exitCode, 1);
  },

  "statistics: an answer that comes late, and one of several attempts": async (scripts) => {
    // Answers each when it is asked again.
    const stranger = await Stranger.bind((data) => {
      const asked = stranger.received.filter((one) => one.data.equals(data)).length;
      return asked > 1 ? data : undefined;
    });
    const late = ["--timeout", "4s", "--json"];
    const args = [...late, "--interval", "1ms", "--retries", "1", "a", "b"];
    const { exitCode, stdout } = await scripts.client(stranger.port, args);
    const counts = { sent: 2, received: 2, lost: 0, retried: 2, rtt_ms: {} };
    assert.deepEqual(parse(stdout).at(-1), counts);
    assert.equal(exitCode, 0);
    stranger.close();

    const slow = await Stranger.bind((data) => {
      const first = slow.received[0];
      if (`${data}` === "b" && first) slow.send("a", first.peer.port);
      return `${data}` === "a" ? undefined : data;
    });
    const lost = await scripts.client(slow.port, [...late, "a", "b"]);
    slow.close();
    const { rtt_ms, ...others } = parse(lost.stdout).at(-1) ?? {};
    assert.deepEqual(others, { sent: 2, received: 1, lost: 1, late: 1 });
    assert.equal(lost.exitCode, 1);
  },

  "statistics: no time is better than one that may be of another datagram": async (scripts) => {
    // The first is never answered, and nothing tells the others from it; a wrong time would be a long one.
    for (const answer of ["same", "OK"]) {
      let asked = 0;
      const stranger = await Stranger.bind(() => (++asked === 1 ? undefined : answer));
      const args = ["--timeout", "3s", "--interval", "1ms", "--count", "20", "--json", "same"];
      const { exitCode, stdout } = await scripts.client(stranger.port, args);
      stranger.close();
      const statistics = parse(stdout).at(-1);
      assert.deepEqual(statistics, { sent: 20, received: 19, lost: 1, rtt_ms: {} });
      assert.doesNotMatch(stdout, /rtt_ms":\d/);
      assert.equal(exitCode, 1);
    }
    // What is told apart has its time, also by what it has more than others.
    const stranger = await Stranger.bind((data) => (`${data}` === "a" ? undefined : data));
    const args = ["--timeout", "3s", "--interval", "1ms", "--json", "a", "ab", "abc"];
    const { stdout } = await scripts.client(stranger.port, args);
    stranger.close();
    const times = parse(stdout).map(({ rtt_ms }) => rtt_ms);
    assert.deepEqual(
      times.map((it) => typeof it),
      ["number", "number", "object"],
    );
    assert.ok(times.slice(0, 2).every((ms) => Number(ms) < 2900));
  },

  "statistics: what is asked when the client ends is in a column, too": async (scripts) => {
    const stranger = await Stranger.bind();
    const args = ["--port", `${stranger.port}`, "--timeout", "60s", "--json", "x"];
    const client = scripts.start("udp_client", args);
    await stranger.next();
    const { exitCode, stdout } = await client.stop();
    stranger.close();
    const counts = { sent: 1, received: 0, lost: 0, unanswered: 1, rtt_ms: {} };
    assert.deepEqual(parse(stdout), [counts]);
    assert.equal(exitCode, 0);
  },

  "--verbose and --quiet of a client": async (scripts) => {
    const stranger = await Stranger.bind((data) => data);
    const { stdout } = await scripts.client(stranger.port, ["--verbose", "a"]);
    assert.match(stdout, /^a from 127\.0\.0\.1:\d+, \d+\.\d{3} ms\n1 sent, 1 received/);
    const quiet = await scripts.client(stranger.port, ["--quiet", "a"]);
    assert.match(quiet.stdout, /^1 sent, 1 received, 0 lost, 0\.0 % loss\nRTT .*\n$/);
    stranger.close();
  },

  "a person is shown at once what nobody asked for": async (scripts) => {
    const stranger = await Stranger.bind((data) => data);
    const args = ["--port", `${stranger.port}`, "--interactive", "--timeout", "30s"];
    const client = scripts.start("udp_client", args, { input: "open" });
    client.type("hello\n");
    await client.seen(/>>: hello from .*\n>>: $/);
    const { peer } = stranger.received[0] ?? {};
    stranger.send("news", peer?.port ?? 0);
    await client.seen(/\n>>: \nnews from 127\.0\.0\.1:\d+\n>>: $/);
    client.closeInput();
    assert.equal((await client.ended).exitCode, 0);
    stranger.close();
  },

  "a person is shown at once what comes too late": async (scripts) => {
    const stranger = await Stranger.bind();
    const args = ["--port", `${stranger.port}`, "--interactive", "--timeout", "100ms"];
    const client = scripts.start("udp_client", args, { input: "open" });
    client.type("hello\n");
    await client.seen(/^No answer to 'hello' within 100 ms\n$/);
    await client.seen(/^>>: >>: $/);
    const [{ peer }] = (await stranger.all()) as [Received];
    stranger.send("hello at last", peer.port);
    await client.seen(/^>>: >>: \nhello at last from 127\.0\.0\.1:\d+\n>>: $/);
    client.closeInput();
    assert.match((await client.ended).stdout, /1 sent, 0 received, 1 lost, 1 late/);
    stranger.close();
  },

  "a reader that goes away ends the client": async (scripts) => {
    const stranger = await Stranger.bind((data) => data);
    const endless = ["--port", `${stranger.port}`, "--interval", "5ms", "--count", "100000", "x"];
    const client = scripts.start("udp_client", [...endless, "--timeout", "60s"]);
    await client.seen(/^x$/m);
    client.closeOutput();
    assert.equal((await client.ended).stderr, "");
    stranger.close();
  },

  "a client that has gone costs the others nothing": async (scripts) => {
    const server = await scripts.server();
    const stranger = await Stranger.bind();
    const gone = await Stranger.bind();
    await gone.sent("gone", server.port);
    gone.close();
    await server.seen(/Received/);
    for (const name of ["one", "two", "three"]) {
      assert.equal(`${await stranger.ask(name, server.port)}`, `Hello, ${name}!`);
    }
    stranger.close();
    assert.match((await server.stop()).stdout, /^4 received, 4 sent/m);
  },

  "an answer that would be too big, and more answers than --rate allows": async (scripts) => {
    const server = await scripts.server(["--rate", "3"]);
    const stranger = await Stranger.bind();
    stranger.send(Buffer.alloc(65_507, "x"), server.port);
    await server.seen(/^Not answered: 127\..* would get 65515 bytes, which are too many$/m);
    const start = Math.floor(Date.now() / 1000);
    for (let seq = 0; seq < 100; seq++) stranger.send(`${seq}`, server.port);
    await server.seen(/ is over --rate/);
    stranger.close();
    const { stdout } = await server.stop();
    const seconds = Math.floor(Date.now() / 1000) - start + 1;
    const [, ...counts] = /^(\d+) received, (\d+) sent, (\d+) refused$/m.exec(stdout) ?? [];
    const [received = 0, sent = 0, refused = 0] = counts.map(Number);
    assert.ok(sent >= 3 && sent <= 3 * seconds, `${sent} sent in ${seconds} seconds of the clock`);
    assert.equal(sent + refused, received);
  },

  "--rate is for all workers together": async (scripts) => {
    if (scripts.runtime.lacks.has("reusePort")) return;
    const server = await scripts.server(["--rate", "5", "--workers", "4"]);
    const start = Math.floor(Date.now() / 1000);
    // Many ports, so that each thread has some of them.
    const strangers = await Promise.all(Array.from({ length: 60 }, () => Stranger.bind()));
    for (const stranger of strangers) stranger.send("x", server.port);
    await server.seen(/(Received(.|\n(?!Rec))*\n){60}/);
    for (const stranger of strangers) stranger.close();
    const { stdout } = await server.stop();
    const seconds = Math.floor(Date.now() / 1000) - start + 1;
    const [, sent = "0"] = /^60 received, (\d+) sent, \d+ refused$/m.exec(stdout) ?? [];
    assert.ok(Number(sent) >= 5 && Number(sent) <= 5 * seconds, stdout.slice(-200));
  },

  "what is wrong is named": async (scripts) => {
    const stranger = await Stranger.bind((data) => data);
    const target = `127.0.0.1:${stranger.port}`;
    const wrong: [words: string[], stderr: RegExp, input?: string][] = [
      [["--bind", "[::1]:0"], /^Cannot send from \[::1\]:0 to .*: one of them is IPv6 .*--bind\n$/],
      [["--interface", "192.0.2.1"], /^Cannot send by 192\.0\.2\.1: .*--interface\n$/],
      [["--interface", "lo"], /^Cannot send by lo: no interface has this address .*--interface\n$/],
      [["--format", "hex", "-"], /^'ok' is not hex; see --help\n$/, "ok\n"],
    ];
    for (const [words, sentence, input = ""] of wrong) {
      const { exitCode, stderr } = await scripts.client(stranger.port, words, { input });
      assert.match(stderr, sentence, target);
      assert.equal(exitCode, 1);
    }
    stranger.close();
    const six = await scripts.server(["--host", "[::1]"]);
    assert.equal((await scripts.client(six.port, ["--host", "[::1]", "a"])).stdout, "Hello, a!\n");
    await six.stop();
    const local = await scripts.start("udp_server", ["--host", "fe80::1", "--port", "0"]).ended;
    assert.match(local.stderr, /^Cannot bind \[fe80::1\]:0: .+\n$/);
    assert.doesNotMatch(local.stderr, /--join/);
  },

  "what is asked of a server and cannot be is named": async (scripts) => {
    const wrong: [words: string, stderr: RegExp][] = [
      ["--reply Echo", /^--reply has no Echo: it is one of greet, upper, echo, none, chat\n$/],
      ["--broadcast --join ff02::1", /^--broadcast is of IPv4, --join ff02::1 of IPv6: run two\n$/],
    ];
    for (const [words, sentence] of wrong) {
      const { exitCode, stderr } = await scripts.start("udp_server", words.split(" ")).ended;
      assert.match(stderr, sentence);
      assert.equal(exitCode, 2);
    }
    const server = await scripts.server(["--reply", "OK"]);
    assert.equal((await scripts.client(server.port, ["a"])).stdout, "OK\n");
    await server.stop();
  },

  "--interactive --json prints nothing but JSON": async (scripts) => {
    const stranger = await Stranger.bind((data) => data);
    const asked = { input: "a\nb\n" };
    const { stdout, stderr } = await scripts.client(
      stranger.port,
      ["--interactive", "--json"],
      asked,
    );
    stranger.close();
    assert.deepEqual(
      parse(stdout).map((line) => line["data.text"]),
      ["a", "b", undefined],
    );
    assert.equal(stderr, ">>: ".repeat(3));
  },

  "a group that nobody can join": async (scripts) => {
    const args = ["--port", "0", "--join", "239.1.2.3", "--interface", "192.0.2.1"];
    const { exitCode, stderr } = await scripts.start("udp_server", args).ended;
    assert.match(stderr, /^Cannot join 239\.1\.2\.3: .+\n$/);
    assert.equal(exitCode, 1);
  },

  "--count ends a server when everything is answered": async (scripts) => {
    const server = await scripts.server(["--count", "2", "--workers", "1"]);
    const stranger = await Stranger.bind();
    for (const name of ["a", "b", "c"]) stranger.send(name, server.port);
    assert.match((await server.ended).stdout, /^2 received, 2 sent$/m);
    const answers = (await stranger.all()).map(({ data }) => `${data}`);
    stranger.close();
    assert.deepEqual(answers.sort(), ["Hello, a!", "Hello, b!"]);
  },

  "a template knows sender, length, number and bytes": async (scripts) => {
    const template = "{seq} {from} {port} {length} {hex} {data} {other} {time}";
    const server = await scripts.server(["--reply", template]);
    const stranger = await Stranger.bind();
    const answer = await stranger.ask("ab", server.port);
    const [text, time] = `${answer}`.split(/ (?=\S*$)/);
    assert.equal(text, `1 127.0.0.1 ${stranger.port} 2 6162 ab {other}`);
    assert.ok(Math.abs(Date.parse(`${time}`) - Date.now()) < 60_000, time);
    stranger.close();
    await server.stop();
  },

  "a full disk: the server serves on, and both say that they could not print": async (scripts) => {
    if (!existsSync("/dev/full")) return;
    const why = /^Cannot print: .*no space left on device.*\n/i;
    const toFull = (script: ScriptName, args: readonly string[]) =>
      new Program(["sh", "-c", 'exec "$@" > /dev/full', "sh", ...scripts.command(script), ...args]);
    const holder = await Stranger.bind(undefined, { address: "127.0.0.6" });
    const { port } = holder; // nobody has it on another address
    const server = toFull("udp_server", ["--port", `${port}`]);
    await server.seen(why);
    const asking = await Stranger.bind();
    for (const name of ["a", "b"]) {
      assert.equal(`${await asking.ask(name, port, "127.0.0.1")}`, `Hello, ${name}!`);
    }
    asking.close();
    const { exitCode, stderr } = await server.stop();
    assert.match(stderr, /^Cannot print: .+\n2 received, 2 sent\n$/);
    assert.equal(exitCode, 1);
    const stranger = await Stranger.bind((data) => data);
    const asked = ["--port", `${stranger.port}`, "--timeout", "30s", "precious"];
    const runs = [
      toFull("udp_client", asked),
      toFull("udp_client", ["--help"]),
      toFull("udp_server", ["--help"]),
    ];
    for (const { ended } of runs) {
      const run = await ended;
      assert.match(run.stderr, why);
      assert.deepEqual([run.exitCode, run.stderr.match(/\n/g)?.length], [1, 1]);
    }
    stranger.close();
    holder.close();
  },

  "a reader that goes away ends the server": async (scripts) => {
    const server = await scripts.server(["--verbose"]);
    server.closeOutput();
    const stranger = await Stranger.bind();
    await stranger.ask("one", server.port);
    // It notices when it has something to print; some runtimes only at the second time.
    const more = setInterval(() => stranger.send("more", server.port), 50);
    const { stderr } = await server.ended;
    clearInterval(more);
    stranger.close();
    assert.equal(stderr, "");
  },
};

describeOnEveryRuntime("at the edges", edges, quickRuntimes);

describe("a device that acknowledges whatever it gets", function () {
  this.timeout(120_000);

  it("is not answered for ever, and others are", async () => {
    const server = await onNode24().server();
    const device = await Stranger.bind(() => "ACK");
    // What it measures, while acknowledgements already go round.
    for (let value = 1; value <= 5; value++) device.send(`temperature ${value}`, server.port);
    await server.seen(/^Not answered: 127\.0\.0\.1:\d+ only acknowledges answers$/m);
    const stranger = await Stranger.bind();
    for (let round = 0; round < 300; round++) {
      assert.equal(`${await stranger.ask("ping", server.port)}`, "Hello, ping!");
    }
    device.send("temperature 6", server.port);
    const { length } = (await device.all()).filter(({ data }) => `${data}` === "Hello, ACK!");
    stranger.close();
    device.close();
    await server.stop();
    assert.ok(length >= 90 && length < 5000, `${length} answers to acknowledgements`);
  });

  it("is not whoever says the same without being answered", async () => {
    const server = await onNode24().server();
    const player = await Stranger.bind();
    player.send("login", server.port);
    for (let tick = 0; tick < 400; tick++) player.send("tick", server.port);
    await server.seen(/(Received.*\n(Not.*\n)?){401}/);
    const { stdout } = await server.stop();
    player.close();
    const [, sent = "", refused = "0"] =
      /401 received, (\d+) sent(?:, (\d+) ref)?/.exec(stdout) ?? [];
    assert.ok(Number(refused) <= 100 && Number(sent) >= 301, stdout.slice(-100));
  });
});

describe("two responders", () => {
  it("do not answer each other for ever, however many threads answer one port", async function () {
    this.timeout(300_000);
    const scripts = onNode24();
    const canShare = !scripts.runtime.lacks.has("reusePort");
    const shared = canShare ? ["--workers", "4"] : [];
    const server = await scripts.server(["--reply", "echo", "--quiet", ...shared]);
    let seen = 0;
    let finish = () => {};
    const last = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const reflect = (data: Buffer) => {
      seen++;
      if (seen === 65_535) finish();
      return seen < 60_000 || `${data}` === "0" ? data : undefined;
    };
    const mirror = await Stranger.bind(reflect);
    const { port } = mirror;
    // Of the same port at other addresses, so that each thread has some of it.
    const mirrors = [mirror];
    for (let end = 2; canShare && end <= 16; end++)
      mirrors.push(await Stranger.bind(reflect, { address: `127.0.0.${end}`, port }));
    // One loop is what it is about; the others make most of the way shorter.
    for (let loop = 0; loop < 16; loop++)
      mirrors[loop % mirrors.length]?.send(`${loop}`, server.port);
    await last;
    // When this is answered, the thread that it belongs to has had the 65,536th before.
    await mirror.ask("me, too", server.port);
    const { stdout } = await server.stop();
    for (const one of mirrors) {
      await one.all();
      one.close();
    }
    // --quiet: not one line per datagram.
    assert.match(stdout, /^Bind UDP on \d+\.\.\.\n65537 received, 65536 sent, 1 refused\n$/);
    assert.equal(seen, 65_536);
  });
});
