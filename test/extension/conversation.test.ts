import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { delimiter } from "node:path";
import * as vscode from "vscode";
import type { Datagram, UdpWorkbench } from "../../extension/api.ts";
import { payloadText, programs, tools } from "./registry_programs.ts";
import { activateWorkbench, datagramsOnce } from "./workbench_api.ts";

interface Followed {
  requests: number;
  answers: number;
  lost: number;
  medianMicroseconds?: number;
  p99Microseconds?: number;
  text: string;
}

const run = <T>(command: string, argument?: object) =>
  Promise.resolve(vscode.commands.executeCommand<T>(`udpWorkbench.${command}`, argument));

describe("Follow", function () {
  this.timeout(60_000);
  let api: UdpWorkbench;
  let all: Datagram[];
  const path = process.env.PATH;

  before(async () => {
    api = await activateWorkbench();
    await run("clear");
    const server = await run<{ port: number }>("startServer", { port: 0 });
    for (const name of ["Michael", "Tracy"]) {
      await run("startClient", { port: server.port, messages: [name, "二"] });
    }
    all = await datagramsOnce(api, 16);
  });

  after(async () => {
    process.env.PATH = path;
    await run("stopAll");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  /** The datagram that the first client sent first. */
  const first = () =>
    all.find((it) => it.direction === "out" && payloadText(it) === "Michael") ?? assert.fail();

  it("tells what one client and the server said, and how long each answer took", async () => {
    const { id, local, peer } = first();
    const { text, ...counts } = await run<Followed>("follow", { id });
    const { medianMicroseconds = 0, p99Microseconds = 0, ...rest } = counts;
    assert.deepEqual(rest, { requests: 2, answers: 2, lost: 0 });
    assert.ok(
      medianMicroseconds > 0 && medianMicroseconds <= p99Microseconds,
      String(p99Microseconds),
    );
    const rule = "=".repeat(67);
    const ends = [local, peer].map(({ address, port }) => `${address}:${port}`);
    assert.equal(
      text,
      [
        rule,
        "Follow: udp,utf-8",
        `Filter: (ip.addr eq 127.0.0.1 and ip.addr eq 127.0.0.1) and (udp.port eq ${local.port} and udp.port eq ${peer.port})`,
        `Node 0: ${ends[0]}`,
        `Node 1: ${ends[1]}`,
        "7",
        "Michael",
        "\t15",
        "Hello, Michael!",
        "3",
        "二",
        "\t11",
        "Hello, 二!",
        rule,
        "",
      ].join("\n"),
    );
  });

  it("measures at the client what the way there and back takes, too", async () => {
    const { id, local } = first();
    const times = all.filter((it) => it.local.port === local.port).map(({ time }) => time);
    assert.equal(times.length, 4);
    const { medianMicroseconds, p99Microseconds } = await run<Followed>("follow", { id });
    const [sent = 0, received = 0, sentNext = 0, receivedNext = 0] = times;
    const trips = [received - sent, receivedNext - sentNext].sort((a, b) => a - b);
    assert.deepEqual([medianMicroseconds, p99Microseconds], trips);
  });

  it("opens it as a document that cannot be saved over anything, in each layout", async () => {
    for (const [layout, line] of [
      ["utf-8", "\nHello, Michael!\n"],
      ["hex", "\n\t00000000  48 65 6c 6c 6f 2c 20 4d  69 63 68 61 65 6c 21     Hello, M ichael!\n"],
    ] as const) {
      const { text } = await run<Followed>("followAsText", { id: first().id, layout });
      const editor = vscode.window.activeTextEditor;
      assert.ok(editor);
      const { scheme } = editor.document.uri;
      assert.notEqual(vscode.workspace.fs.isWritableFileSystem(scheme), true);
      const shown = editor.document.getText();
      assert.ok(shown.endsWith(text) && text.includes(line), shown);
      assert.match(
        shown,
        /^127\.0\.0\.1:\d+ ⇄ 127\.0\.0\.1:\d+\n2 requests, 2 answers, 0 lost, median /,
      );
    }
  });

  it("is counted, as all that pass a filter are, and shows nothing to a program", async () => {
    const { peer } = first();
    interface Table {
      rows: { peer?: string; datagrams: object; lost: object; answers?: { count: number } }[];
      total: object;
    }
    const { rows, total } = await run<Table>("showStatistics", {});
    assert.deepEqual(
      rows.map(({ peer: other, datagrams, lost, answers }) => [
        other,
        datagrams,
        lost,
        answers?.count,
      ]),
      [1, 2].map(() => [
        `127.0.0.1:${peer.port}`,
        { forward: 2, back: 2 },
        { forward: 0, back: 0 },
        2,
      ]),
    );
    const bytes = [..."Michael二Tracy二"].reduce((sum, it) => sum + Buffer.byteLength(it), 0);
    const answers = bytes + 4 * Buffer.byteLength("Hello, !");
    assert.deepEqual(total, { datagrams: 8, bytes: bytes + answers, lost: 0, duplicates: 0 });
    const filtered = await run<Table>("showStatistics", { by: "port", filter: `to:${peer.port}` });
    assert.deepEqual(filtered.total, { datagrams: 4, bytes, lost: 0, duplicates: 0 });
    await assert.rejects(run("showStatistics", { filter: "udp.port ==" }), /Cannot count/);
    await assert.rejects(run("showStatistics", { by: "field" }), /the name of a field/);
  });

  it("has datagrams that can be compared, byte by byte", async () => {
    const sent = all.filter(({ direction }) => direction === "out");
    const ids = ["Michael", "Tracy"].map(
      (text) => sent.find((it) => payloadText(it) === text)?.id ?? assert.fail(),
    );
    const { left, right } = await run<{ left: string; right: string }>("compare", { ids });
    assert.match(left, /^0000 {2}4d 69 63 68 61 65 6c .* Michael\n$/);
    assert.match(right, /^0000 {2}54 72 61 63 79 .* Tracy\n$/);
    await assert.rejects(run("compare", { ids: [1e9, 2] }), /no longer in the capture/);
  });

  it("says what it cannot follow", async () => {
    await assert.rejects(run("follow", { id: 10_000_000 }), /no longer in the capture/);
    await assert.rejects(run("follow", { id: first().id, layout: "x" }), /option layout: .*utf-8/);
  });

  it("remembers a decoder for the port of the server, whichever datagram it was chosen at", async () => {
    const { peer } = first();
    for (const { id } of all.slice(0, 4)) {
      assert.deepEqual(await run("decodeAs", { id, decoder: "syslog" }), {
        port: peer.port,
        decoder: "syslog",
      });
    }
    const automatic = { id: first().id, decoder: "automatic" };
    assert.deepEqual(await run("decodeAs", automatic), { port: peer.port, decoder: undefined });
    await assert.rejects(run("decodeAs", { id: first().id, decoder: "morse" }), /none of cbor, /);
  });

  it("counts what came to nobody, and the requests that nobody answers", async () => {
    const server = await run<{ port: number }>("startServer", { port: 0, reply: "none" });
    const socket: Socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    for (const text of ["a", "b", "c"]) socket.send(text, server.port, "127.0.0.1");
    const isMine = ({ peer }: Datagram) => peer.port === socket.address().port;
    const now = await datagramsOnce(api, (datagrams) => datagrams.filter(isMine).length === 3);
    const id = now.find(isMine)?.id ?? -1;
    const { text: _, ...counts } = await run<Followed>("follow", { id });
    assert.deepEqual(counts, {
      requests: 3,
      answers: 0,
      lost: 0,
      medianMicroseconds: undefined,
      p99Microseconds: undefined,
    });
    socket.close();
  });

  it("knows by the ids of a protocol which of several answers is whose", async () => {
    const echo = await run<{ port: number }>("startServer", { port: 0, reply: "echo" });
    const server = await run<{ port: number }>("startRelay", {
      to: `127.0.0.1:${echo.port}`,
      listen: "127.0.0.1:0",
      // So that all of them wait at once, and nothing but their ids tells whose an answer is.
      delay: "250ms",
    });
    const socket: Socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    // STUN binding requests (RFC 8489 section 5), all of them before the first answer is there.
    for (let id = 1; id <= 5; id++) {
      const head = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
      socket.send(
        Uint8Array.of(...head, ...new Array<number>(12).fill(id)),
        server.port,
        "127.0.0.1",
      );
    }
    const isMine = ({ peer }: Datagram) => peer.port === socket.address().port;
    const now = await datagramsOnce(api, (datagrams) => datagrams.filter(isMine).length === 10);
    const id = now.find(isMine)?.id ?? -1;
    const { requests, answers, p99Microseconds } = await run<Followed>("follow", { id });
    const mine = now
      .filter(isMine)
      .toSorted((a, b) => Buffer.compare(a.payload, b.payload) || a.time - b.time);
    const times = mine.flatMap(({ time }, at) =>
      at % 2 === 1 ? [time - (mine[at - 1]?.time ?? 0)] : [],
    );
    assert.deepEqual([requests, answers, p99Microseconds], [5, 5, Math.max(...times)]);
    socket.close();
  });

  it("follows what programs of the registry say", async () => {
    await run("clear");
    process.env.PATH = `${tools}${delimiter}${path}`;
    await run("runFile", { uri: vscode.Uri.file(`${programs}/coap.mjs`) });
    const [request] = await datagramsOnce(api, 4);
    const { requests, answers, lost } = await run<Followed>("follow", { id: request?.id ?? -1 });
    assert.deepEqual([requests, answers, lost], [1, 1, 0]);
  });
});
