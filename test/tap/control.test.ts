import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import {
  type ControlReply,
  type ControlRequest,
  controlPath,
  formatGreeting,
  formatProven,
  formatReply,
  formatRequest,
  MOST_REQUEST,
  parseGreeting,
  parseProven,
  provenText,
} from "../../extension/core/wire/control_message.ts";
import { CONTROL_VARIABLE, TOKEN_VARIABLE } from "../../extension/core/wire/control_variables.ts";
import { askProgram, type Silence } from "../../extension/host/control/control_client.ts";
import {
  defaultRuntime,
  describeOn,
  pythonRuntimes,
  type Runtime,
  runtimes,
} from "../support/runtimes.ts";
import { Stranger } from "../support/script_socket.ts";
import { waitUntil } from "../support/wait_until.ts";
import { readDatagrams } from "./support/capture_folder.ts";
import { type Program, runProgram, startProgram } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";
import { until } from "./support/until.ts";

const PROGRAMS = join(import.meta.dirname, "programs");
const TOKEN = "the window's token";

interface Ports {
  readonly pid: number;
  readonly open: number;
  readonly connected: number;
  readonly dual: number;
  readonly reporter: number;
}

describe("the control socket of the tap", function () {
  this.timeout(180_000);
  const tapped = TapUnderTest.forSuite();
  let program: Program;
  let ports: Ports;
  let path: string;
  let folder: string;
  let stranger: Stranger | undefined;

  before(function () {
    if (process.platform === "win32") this.skip();
  });

  afterEach(() => {
    stranger?.close();
    stranger = undefined;
  });

  function environment(control: string): NodeJS.ProcessEnv {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return { [CONTROL_VARIABLE]: control, [TOKEN_VARIABLE]: TOKEN };
  }

  const programOf = ({ suffix }: Runtime) =>
    join(PROGRAMS, suffix === ".py" ? "python/controlled.py" : "controlled.mjs");

  async function start(runtime: Runtime): Promise<Stranger> {
    stranger = await Stranger.bind();
    folder = tapped.newFolder();
    const place = `${folder}/`;
    const tap = { path: tapped.path, folder };
    program = startProgram(runtime, programOf(runtime), { tap, environment: environment(place) });
    const [line] = (await once(program.process.stdout ?? program.process, "data")) as [string];
    ports = JSON.parse(line) as Ports;
    path = controlPath(place, ports.pid, 0);
    await programAnswers();
    return stranger;
  }

  /** Its file is there a moment before it can be asked. */
  async function programAnswers(): Promise<void> {
    for (let tries = 0; tries < 1000; tries++) {
      if ((await ask({ do: "close", socket: 999, local: "nowhere" })) !== "noProgram") return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error("The program does not listen");
  }

  /** What the program noticed since it started. */
  const report = async () =>
    JSON.parse(String(await stranger?.ask("report", ports.reporter))) as string[];

  const ask = (request: ControlRequest, token = TOKEN): Promise<ControlReply | Silence> =>
    askProgram(path, token, request);

  const sendRequest = (fields: Partial<ControlRequest> = {}): ControlRequest => ({
    do: "send",
    socket: 1,
    local: `127.0.0.1:${ports.open}`,
    address: "127.0.0.1",
    port: stranger?.port ?? 1,
    payload: Uint8Array.of(0, 0xff, 10),
    ...(fields as object),
  });

  describeOn([...runtimes, ...pythonRuntimes], (runtime) => {
    it("sends from the program's sockets, which the capture shows and the program does not notice", async () => {
      const { received } = await start(runtime);
      assert.deepEqual(await ask(sendRequest()), { bytes: 3 });
      assert.deepEqual(await ask(sendRequest({ payload: new Uint8Array(0) })), { bytes: 0 });
      const largest = new Uint8Array(65_507).map((_, index) => index * 7);
      assert.deepEqual(await ask(sendRequest({ payload: largest })), { bytes: 65_507 });
      const dual = { socket: 3, local: `[::]:${ports.dual}`, payload: Buffer.from("dual") };
      assert.deepEqual(await ask(sendRequest(dual)), { bytes: 4 });
      const peer = { socket: 2, local: `127.0.0.1:${ports.connected}` };
      assert.deepEqual(await ask(sendRequest(peer)), { error: "OTHER_PEER" });
      assert.deepEqual(await ask(sendRequest({ ...peer, port: ports.reporter })), { bytes: 3 });

      await until("all have come", () => received.length === 4);
      assert.deepEqual(
        received.map(({ data, peer: { port } }) => [data.toString("hex"), port]),
        [
          ["00ff0a", ports.open],
          ["", ports.open],
          [Buffer.from(largest).toString("hex"), ports.open],
          [Buffer.from("dual").toString("hex"), ports.dual],
        ],
      );
      assert.deepEqual(await report(), []);
      await until("all is in the capture", () => sentFromSockets().length === 5);
      assert.deepEqual(
        sentFromSockets().map(({ payload, source }) => [payload.length, source]),
        [
          [3, `127.0.0.1:${ports.open}`],
          [0, `127.0.0.1:${ports.open}`],
          [65_507, `127.0.0.1:${ports.open}`],
          [4, `0.0.0.0:${ports.dual}`],
          [3, `127.0.0.1:${ports.connected}`],
        ],
      );
    });

    it("does not keep the program alive, and leaves no file", async () => {
      folder = tapped.newFolder();
      const tap = { path: tapped.path, folder };
      const options = { tap, words: ["short"], environment: environment(`${folder}/`) };
      const { exitCode, stdout, stderr } = await runProgram(runtime, programOf(runtime), options);
      assert.deepEqual([exitCode, stderr], [0, ""]);
      const { pid } = JSON.parse(stdout) as Ports;
      assert.ok(readdirSync(folder).length > 0);
      assert.ok(!readdirSync(folder).includes(String(pid)));
    });
  });

  const sentFromSockets = () =>
    readDatagrams(folder).filter(
      ({ direction, socket }) => direction === "out" && !socket.description.endsWith("socket 4"),
    );

  // On one of each tap.
  describeOn([defaultRuntime, ...pythonRuntimes.slice(0, 1)], (runtime) => {
    it("closes a socket", async () => {
      await start(runtime);
      const named = { socket: 1, local: `127.0.0.1:${ports.open}` };
      assert.deepEqual(await ask({ do: "close", ...named }), { bytes: 0 });
      // In Python it is the thread that waits for a datagram which notices it, a moment later.
      const noticed = await waitUntil("the end to be noticed", report, ({ length }) => length > 0);
      assert.deepEqual(noticed, ["open close"]);
      assert.deepEqual(await ask({ do: "close", ...named }), { error: "NO_SOCKET" });
      assert.deepEqual(await ask(sendRequest()), { error: "NO_SOCKET" });
    });

    it("says why it could not send, and the program runs on", async () => {
      await start(runtime);
      const cases: [fields: object, error: string][] = [
        [{ socket: 9 }, "NO_SOCKET"],
        [{ local: "127.0.0.1:1" }, "NO_SOCKET"],
        [{ payload: new Uint8Array(65_508) }, "EMSGSIZE"],
        [{ address: "255.255.255.255" }, "EACCES"],
        [{ address: "::1" }, "EAFNOSUPPORT"],
      ];
      for (const [fields, error] of cases) {
        assert.deepEqual(await ask(sendRequest(fields)), { error }, error);
      }
      assert.deepEqual(await report(), []);
    });

    it("takes nothing but a request that knows the token", async () => {
      const { received } = await start(runtime);
      const good = formatRequest(sendRequest());
      const proven = (body: string) => (nonce: string) => line(prove(nonce, body), body);
      const hostile: [what: string, bytes: (nonce: string) => string | Uint8Array][] = [
        ["garbage", () => "garbage\n"],
        ["nothing but a line feed", () => "\n"],
        ["no proof", () => `${good}\n`],
        ["half a proof", (nonce) => line(prove(nonce, good).slice(32), good)],
        ["a wrong proof", (nonce) => line(prove(nonce, good).replace(/^./, otherDigit), good)],
        ["another token's proof", (nonce) => line(prove(nonce, good, { token: "another" }), good)],
        ["the token itself", () => line(TOKEN, good)],
        ["the proof of nothing", (nonce) => line(prove(nonce, ""), good)],
        ["the proof of the path alone", () => line(hmac(TOKEN, path), good)],
        ["another version", proven(good.replace('"v":2', '"v":1'))],
        ["an address that is a name", proven(good.replace('127.0.0.1","port', 'localhost","port'))],
        ["port 0", proven(good.replace(/"port":\d+/, '"port":0'))],
        ["half a byte", proven(good.replace("00ff0a", "00ff0"))],
        ["no socket number", proven(good.replace('"socket":1', '"socket":"1"'))],
        ["another order", proven(good.replace('"do":"send"', '"do":"exit"'))],
        ["a list", proven(`[${good}]`)],
        ["bytes that are no UTF-8", () => Uint8Array.of(0xff, 0xfe, 10)],
        ["too much", () => "x".repeat(MOST_REQUEST + 1)],
      ];
      for (const [what, bytes] of hostile) {
        assert.equal(await answerTo(bytes), "", what);
      }
      assert.equal(await ask(sendRequest(), "another token"), "noReply");
      assert.match(await answerTo(proven(good)), /^[0-9a-f]{64} \{"v":2,"bytes":3\}\n$/);
      await until("it has come", () => received.length === 1);
      assert.deepEqual(await report(), []);
    });

    it("takes a request as it was proven, once, and from nobody who proved it to another program", async () => {
      const { received } = await start(runtime);
      const good = formatRequest(sendRequest());
      let heard: [nonce: string, line: string] = ["", ""];
      const answer = await answerTo((nonce) => {
        heard = [nonce, line(prove(nonce, good), good)];
        return heard[1];
      });
      assert.ok(answer.endsWith(' {"v":2,"bytes":3}\n'), answer);
      const [earlier, replayed] = heard;
      const altered = [
        good.replace("00ff0a", "00ff0b"),
        good.replace(/"port":\d+/, `"port":${ports.reporter}`),
        good.replace('"send"', '"close"'),
        `${good} `,
      ];
      const hostile: [what: string, bytes: (nonce: string) => string][] = [
        ["replayed", () => replayed],
        ["proven for an earlier connection", () => line(prove(earlier, good), good)],
        ["of another program", (nonce) => line(prove(nonce, good, { path: `${path}0` }), good)],
        ["the same twice", (nonce) => `${replayed}${line(prove(nonce, good), good)}`],
        ...altered.map((body): [string, (nonce: string) => string] => [
          body,
          (nonce) => line(prove(nonce, good), body),
        ]),
      ];
      const nonces = new Set([earlier]);
      for (const [what, bytes] of hostile) {
        const said = (nonce: string) => bytes(nonces.add(nonce) && nonce);
        assert.equal(await answerTo(said), "", what);
      }
      assert.equal(nonces.size, hostile.length + 1, "a nonce was said twice");
      // What was proven later than all of it is all that arrives.
      assert.deepEqual(await ask(sendRequest({ payload: Buffer.from("last") })), { bytes: 4 });
      await until("it has come", () => received.length >= 2);
      assert.deepEqual(
        received.map(({ data }) => data.toString("latin1")),
        ["\0\xff\n", "last"],
      );
      assert.deepEqual(await report(), []);
    });

    it("has its token neither on a command line nor in a capture", async function () {
      if (process.platform !== "linux") this.skip();
      await start(runtime);
      assert.deepEqual(await ask(sendRequest()), { bytes: 3 });
      await until("the datagram is in the capture", () => sentFromSockets().length > 0);
      const captures = readdirSync(folder).filter((name) => name.endsWith(".pcapng"));
      for (const file of [
        `/proc/${ports.pid}/cmdline`,
        ...captures.map((name) => join(folder, name)),
      ]) {
        const bytes = readFileSync(file);
        assert.ok(bytes.length > 0);
        assert.ok(!bytes.includes(TOKEN), file);
      }
      // It is where it belongs, else it could be found nowhere.
      assert.ok(readFileSync(`/proc/${ports.pid}/environ`).includes(TOKEN));
    });

    it("is done with who sends half a message, nothing, or without end", async () => {
      const { received } = await start(runtime);
      const silent = open();
      const half = open();
      half.connection.write("0123456789abcdef");
      const endless = open();
      const piece = "x".repeat(1 << 20);
      let written = 0;
      const pour = (): void => {
        written += piece.length;
        // A gigabyte, if it were taken.
        if (written >= 2 ** 30) endless.connection.end();
        else if (endless.connection.write(piece)) setImmediate(pour);
        else endless.connection.once("drain", pour);
      };
      // Who has not read it loses it with the connection.
      await endless.greeted;
      pour();
      for (const { closed } of [endless, half, silent]) assert.ok(parseGreeting(await closed));
      assert.ok(written < 2 ** 30, "the program has taken a gigabyte");
      assert.deepEqual(await ask(sendRequest()), { bytes: 3 });
      await until("it has come", () => received.length === 1);
      assert.deepEqual(await report(), []);
    }).timeout(20_000);

    it("does without where the place is too long, is not there, or is not to be had", async () => {
      folder = tapped.newFolder();
      const tap = { path: tapped.path, folder };
      for (const place of [`${folder}/${"x".repeat(100)}`, "/nowhere/at/all/", "/proc/"]) {
        const options = { tap, words: ["short"], environment: environment(place) };
        const { exitCode, stderr } = await runProgram(runtime, programOf(runtime), options);
        assert.deepEqual([exitCode, stderr], [0, ""], place);
      }
    });
  });

  it("replaces the file that a killed program with the same id has left", async () => {
    folder = tapped.newFolder();
    stranger = await Stranger.bind();
    mkdirSync(folder, { mode: 0o700 });
    // The program has the id of the shell, which leaves a file as a killed program does.
    const leave =
      "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";
    const shell = `node -e "${leave}" "$0/$$"; exec "$@"`;
    const tap = { path: tapped.path, folder };
    const runtime = {
      ...defaultRuntime,
      command: "sh",
      tapped: (tapPath: string) => [
        "-c",
        shell,
        folder,
        defaultRuntime.command ?? "",
        "--require",
        tapPath,
      ],
    };
    program = startProgram(runtime, programOf(runtime), {
      tap,
      environment: environment(`${folder}/`),
    });
    const [line] = (await once(program.process.stdout ?? program.process, "data")) as [string];
    ports = JSON.parse(line) as Ports;
    path = controlPath(`${folder}/`, ports.pid, 0);
    assert.ok(existsSync(path), "nothing was left behind");
    await programAnswers();
    assert.deepEqual(await ask(sendRequest()), { bytes: 3 });
  });

  const hmac = (token: string, text: string) =>
    createHmac("sha256", token).update(text).digest("hex");
  const line = (auth: string, body: string) => `${formatProven({ auth, body })}\n`;
  const otherDigit = (digit: string) => (digit === "0" ? "1" : "0");

  function prove(nonce: string, body: string, { token = TOKEN, path: to = path } = {}): string {
    return hmac(token, provenText(to, nonce, body));
  }

  /** A connection to the program, what it says first, and all that it says until it closes it. */
  function open() {
    const connection = connect(path);
    let answer = "";
    const greeted = once(connection, "data").then(([chunk]) => String(chunk).trimEnd());
    greeted.catch(() => {});
    const closed = new Promise<string>((resolve) => {
      connection.on("close", () => resolve(answer));
    });
    // The program closes while we write.
    connection.on("error", () => {});
    connection.on("data", (chunk) => {
      answer += chunk;
    });
    return { connection, greeted, closed };
  }

  /** What the program says to the bytes, which may have to do with its nonce. */
  async function answerTo(bytes: (nonce: string) => string | Uint8Array): Promise<string> {
    const { connection, greeted, closed } = open();
    const greeting = await greeted;
    connection.write(bytes(parseGreeting(greeting) ?? assert.fail(greeting)));
    return (await closed).slice(greeting.length + 1);
  }
});

describe("askProgram()", () => {
  const tapped = TapUnderTest.forSuite();
  before(function () {
    if (process.platform === "win32") this.skip();
  });

  it("takes no other answer than a proven reply, and gives up on one that does not come", async function () {
    this.timeout(180_000);
    const request: ControlRequest = { do: "close", socket: 1, local: "127.0.0.1:1" };
    const path = join(tapped.path, "../false");
    assert.equal(await askProgram(path, TOKEN, request), "noProgram");
    const greeting = `${formatGreeting("0f".repeat(32))}\n`;
    const reply = formatReply({ bytes: 0 });
    const unproven = `${formatProven({ auth: "0f".repeat(32), body: reply })}\n`;
    // Programs that were started with an earlier version say nothing until they are asked.
    const answers: [first: string | undefined, then: string | undefined, Silence][] = [
      ["", "", "noGreeting"],
      [undefined, undefined, "noGreeting"],
      ["{}\n", "", "noGreeting"],
      [`${reply}\n`, "", "noGreeting"],
      ["x".repeat(10_000), "", "noGreeting"],
      [greeting, "", "noReply"],
      [greeting, undefined, "noReply"],
      [greeting, `${reply}\n`, "noReply"],
      [greeting, unproven, "noReply"],
      [greeting, "x".repeat(10_000), "noReply"],
      [greeting + unproven, "", "noReply"],
    ];
    for (const [first, then, silence] of answers) {
      let heard = "";
      const server = createServer((connection) => {
        connection.on("error", () => {});
        if (first === "") connection.end();
        else if (first !== undefined) connection.write(first);
        connection.on("data", (chunk) => {
          heard += chunk;
          if (then !== undefined) connection.end(then);
        });
      });
      await once(server.listen(path), "listening");
      assert.equal(await askProgram(path, TOKEN, request), silence, `${first}, ${then}`);
      if (silence === "noGreeting") assert.equal(heard, "", "asked who did not greet");
      server.close();
    }
  });

  it("takes a reply that was proven with its request, and no earlier one", async () => {
    const request: ControlRequest = { do: "close", socket: 1, local: "127.0.0.1:1" };
    const path = join(tapped.path, "../replaying");
    const replies: string[] = [];
    const server = createServer((connection) => {
      connection.write(`${formatGreeting(String(replies.length).repeat(64))}\n`);
      connection.on("data", (chunk) => {
        const asked = parseProven(String(chunk).trimEnd()) ?? assert.fail(String(chunk));
        const body = formatReply({ bytes: 0 });
        const auth = createHmac("sha256", TOKEN).update(provenText(path, asked.auth, body));
        replies.push(`${formatProven({ auth: auth.digest("hex"), body })}\n`);
        connection.end(String(replies[0]));
      });
    });
    await once(server.listen(path), "listening");
    assert.deepEqual(await askProgram(path, TOKEN, request), { bytes: 0 });
    assert.equal(await askProgram(path, TOKEN, request), "noReply");
    server.close();
  });
});
