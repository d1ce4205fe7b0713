import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { tappedRows } from "../support/port_rows.ts";
import { Stranger } from "../support/script_socket.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import type { TreeRow } from "../support/tree_view.ts";
import type { Vscode } from "../support/vscode.ts";
import { waitUntil } from "../support/wait_until.ts";
import type { Theme, Workbench } from "../support/workbench.ts";
import { cleanWindow } from "./clean_window.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { runAnswering } from "./questions.ts";

const run = promisify(execFile);

const THEMES: readonly Theme[] = [
  "Dark Modern",
  "Light Modern",
  "Dark High Contrast",
  "Light High Contrast",
];

/** What the grid shows of the lesson: requests come in at the server, answers go out. */
const LESSON = ["Michael", "Tracy", "Sarah"].flatMap((name) => [
  { Direction: "received", Payload: name },
  { Direction: "sent", Payload: `Hello, ${name}!` },
]);

describe("the lesson, as a person does it", function () {
  this.timeout(300_000);
  let vscode: Vscode;
  let workbench: Workbench;
  let port: number;

  before(async () => {
    vscode = await sharedVscode();
    workbench = await vscode.openWorkbench({ viewport: { width: 1280, height: 1600 } });
  });

  beforeEach(async () => {
    port = await freeUdpPort();
  });

  afterEach(() => cleanWindow(workbench));
  after(() => workbench?.close());

  /** Start Server... with Enter for everything but the port. */
  async function startServer(on = port): Promise<void> {
    await runAnswering(workbench, "UDP: Start Server...", [undefined, String(on)]);
    // Somebody who starts a client looks whether there is a server first.
    await workbench.terminals.showing(`Bind UDP on ${on}...`);
  }

  async function startClient(): Promise<void> {
    await runAnswering(workbench, "UDP: Start Client...", [undefined, String(port)]);
  }

  const portRow = () =>
    workbench
      .tree("Bound Ports")
      .waitForRows(`127.0.0.1:${port}`, ([first]) => first?.label === `127.0.0.1:${port}`);

  it("is there after Enter, Enter, Enter", async () => {
    await startServer();
    await workbench.terminals.showing(`Bind UDP on ${port}...`);
    await portRow();
    await startClient();
    await workbench.terminals.showing("Hello, Sarah!");
    const grid = await DatagramsGrid.in(workbench);
    const rows = await grid.waitForDelivered(6);
    assert.deepEqual(
      rows.map(({ Direction, Payload }) => ({ Direction, Payload })),
      LESSON,
    );
    for (const { Note } of rows) assert.match(Note ?? "", /^delivered \d+(\.\d)? (µs|ms)$/);
    const tree = await workbench
      .tree("Bound Ports")
      .waitForRows(
        "the server's counts, and the client below it",
        (rows) =>
          rows[0]?.description.startsWith("3 in · 3 out") === true && tappedRows(rows).length === 2,
      );
    assert.deepEqual(
      tappedRows(tree).map(({ level }) => level),
      [1, 2],
    );
    assert.match(tree[0]?.ariaLabel ?? "", /^127\.0\.0\.1:\d+, 3 in, 3 out, udp_server\.(ts|mjs)/);
    assert.match(tree[1]?.description ?? "", /^3 in · 3 out/);
  });

  it("runs in a window without a folder as well", async () => {
    const withFolder = workbench;
    const empty = await vscode.openWorkbench({ folder: "none" });
    try {
      workbench = empty;
      await startServer();
      await empty.terminals.showing(`Bind UDP on ${port}...`);
      await portRow();
      await empty.runCommand("UDP: Stop All");
      await empty
        .tree("Bound Ports")
        .waitForRows("nothing", (rows) => tappedRows(rows).length === 0);
    } finally {
      workbench = withFolder;
      await empty.close();
    }
  });

  it("asks again with a reason when an answer cannot be right", async () => {
    await workbench.runCommand("UDP: Start Server...");
    await workbench.quickInput.shown("Address to bind");
    await workbench.quickInput.accept();
    await workbench.quickInput.shown("Port to bind");
    for (const wrong of ["", "65536", "-1", "1e3", "port"]) {
      await workbench.quickInput.type(wrong);
      await workbench.quickInput.shown("Enter a whole number from 0 to 65535");
    }
    await workbench.quickInput.accept(String(port));
    await workbench.quickInput.shown("What it answers");
    // Where this machine alone reaches it, a learner's first server greets; elsewhere the first to speak may be a device.
    const offersFirst = (reply: string) =>
      workbench.waitFor(
        `${reply} before all other answers`,
        async () => (await workbench.quickInput.state())?.items[0],
        (item) => item?.startsWith(reply) ?? false,
      );
    await offersFirst("greet");
    await workbench.quickInput.dismiss();
    await workbench.runCommand("UDP: Start Server...");
    await workbench.quickInput.shown("Address to bind");
    await workbench.quickInput.accept("0.0.0.0");
    await workbench.quickInput.shown("Port to bind");
    await workbench.quickInput.accept(String(port));
    await workbench.quickInput.shown("What it answers");
    await offersFirst("none");
    await workbench.quickInput.dismiss();
  });

  it("tells in the terminal and in one notification that a port is taken, and offers another", async () => {
    await startServer();
    await portRow();
    // Beside it are those of other programs, which come and go.
    const ownRows = async () => tappedRows(await workbench.tree("Bound Ports").rows());
    const before = await ownRows();
    await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port)]);
    const sentence = `Cannot bind 127.0.0.1:${port}: address already in use (EADDRINUSE)`;
    const text = await workbench.terminals.showing(/Cannot bind[\s\S]*exit code: 1/);
    assert.ok(text.includes(sentence), text);
    const { severity, buttons } = await workbench.notifications.showing(sentence);
    assert.equal(severity, "error");
    // VS Code may have something of its own to tell; about this there is one.
    const told = (await workbench.notifications.all()).map(({ message }) => message);
    const [about, ...more] = told.filter((message) =>
      /bind|terminal|task|exit code/i.test(message),
    );
    assert.match(about ?? "", /\(EADDRINUSE\); udp_server\.(ts|mjs) \(process \d+\) has it$/);
    assert.deepEqual(more, []);
    assert.deepEqual(await ownRows(), before);
    assert.equal(await ask("still there?"), "Hello, still there?!");
    assert.match(buttons.join(), /^Stop It and Try Again,Show It,Use Port \d+$/);
    const [, free] = /Use Port (\d+)/.exec(buttons.join()) ?? [];
    await workbench.notifications.click(sentence, `Use Port ${free}`);
    await workbench.tree("Bound Ports").waitForRows("two ports", (rows) => {
      return tappedRows(rows).filter(({ level }) => level === 1).length === 2;
    });
  });

  /** What the server answers to a client that is not ours. */
  async function ask(text: string | Uint8Array): Promise<string> {
    const socket = createSocket("udp4");
    socket.send(text, port, "127.0.0.1");
    const [answer] = (await once(socket, "message")) as [Buffer];
    socket.close();
    return answer.toString();
  }

  it("answers programs that others wrote, and shows them", async function () {
    await startServer();
    await portRow();
    const python = [
      "import socket, sys",
      "client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
      "client.settimeout(10)",
      "client.sendto(b'Python', ('127.0.0.1', int(sys.argv[1])))",
      "print(client.recv(1024).decode())",
    ].join("\n");
    const peers: [program: string, call: () => Promise<string>][] = [
      ["python3", async () => (await run("python3", ["-c", python, String(port)])).stdout.trim()],
      [
        "nc",
        async () =>
          (await run("sh", ["-c", `printf netcat | nc -u -w 1 127.0.0.1 ${port}`])).stdout.trim(),
      ],
    ];
    const grid = await DatagramsGrid.in(workbench);
    let seen = 0;
    for (const [program, call] of peers) {
      if (!(await exists(program))) {
        if (process.env.CI) assert.fail(`Cannot test with ${program}: it is not installed`);
        continue;
      }
      const name = program === "nc" ? "netcat" : "Python";
      assert.equal(await call(), `Hello, ${name}!`);
      seen += 2;
      const rows = await grid.waitForRows(seen);
      assert.deepEqual(
        rows.slice(-2).map(({ Direction, Payload, Note }) => [Direction, Payload, Note]),
        [
          ["received", name, ""],
          ["sent", `Hello, ${name}!`, "sent"],
        ],
      );
    }
    if (seen === 0) this.skip();
  });

  it("has the running server and the earlier datagrams back after a reload, and no stopped one", async () => {
    const stopped = await freeUdpPort();
    await startServer(stopped);
    const ports = workbench.tree("Bound Ports");
    await ports.clickAction("Stop", `127.0.0.1:${stopped}`);
    await ports.waitForRows("nothing", (rows) => tappedRows(rows).length === 0);
    await startServer();
    await startClient();
    await (await DatagramsGrid.in(workbench)).waitForDelivered(6);
    await workbench.reload();
    await workbench.openContainer("UDP");
    await portRow();
    const grid = await DatagramsGrid.in(workbench);
    const rows = await grid.waitForDelivered(6);
    assert.deepEqual(
      rows.map(({ Payload }) => Payload),
      LESSON.map(({ Payload }) => Payload),
    );
    const stranger = await Stranger.bind();
    try {
      assert.equal(String(await stranger.ask("again", port)), "Hello, again!");
      await grid.waitForRows(8);
      await grid.select(6);
      await workbench.runCommand("UDP: Reply...");
      await workbench.quickInput.shown(`from 127.0.0.1:${port}`);
      await workbench.quickInput.type("from the panel");
      await workbench.quickInput.shown("14 bytes");
      await workbench.quickInput.accept();
      await waitUntil("the reply", () => stranger.received.length === 2);
      const [, reply] = stranger.received;
      assert.deepEqual([String(reply?.data), reply?.peer.port], ["from the panel", port]);
    } finally {
      stranger.close();
    }
    await workbench.tree("Bound Ports").row(`127.0.0.1:${port}`).click();
    await workbench.tree("Bound Ports").clickAction("Reveal Terminal", `127.0.0.1:${port}`);
    await workbench.terminals.showing("Received from 127.0.0.1:");
    // Started now, a server is bound after what VS Code would have started by itself.
    const another = await freeUdpPort();
    await startServer(another);
    const both = [port, another].map((each) => `127.0.0.1:${each}`).sort();
    const boundIn = (rows: readonly TreeRow[]) =>
      tappedRows(rows).flatMap(({ level, label }) => (level === 1 ? [label] : []));
    // While a line comes, the others are drawn anew.
    const now = await ports.waitForRows("both servers", (rows) =>
      both.every((end) => boundIn(rows).includes(end)),
    );
    assert.deepEqual(boundIn(now).sort(), both);
  });

  it("stops a server by the button of its line", async () => {
    await startServer();
    await portRow();
    await workbench.tree("Bound Ports").clickAction("Stop", `127.0.0.1:${port}`);
    await workbench
      .tree("Bound Ports")
      .waitForRows("nothing", (rows) => tappedRows(rows).length === 0);
  });

  it("shows hostile payloads as text, and lets nothing of them act", async () => {
    await startServer();
    await portRow();
    const grid = await DatagramsGrid.in(workbench);
    const hostile: [payload: string | Uint8Array, preview: string][] = [
      ["<img src=x onerror=document.title='owned'>", "<img src=x onerror=document.title='owned'>"],
      ["\x1b]52;c;b3duZWQ=\x07", "\\x1b]52;c;b3duZWQ=\\x07"],
      ["\x1b[31mred\u009b31m", "\\x1b[31mred\\u{9b}31m"],
      ["$(bell) [link](command:quit)", "$(bell) [link](command:quit)"],
      ["\u202egnp.exe", "\\u{202e}gnp.exe"],
    ];
    for (const [payload] of hostile) await ask(payload);
    // Who sends no text is not greeted.
    const device = createSocket("udp4");
    const bytes = Uint8Array.of(0xff, 0xc0, 0x80);
    await new Promise((resolve) => device.send(bytes, port, "127.0.0.1", resolve));
    device.close();
    hostile.push([bytes, "ff c0 80"]);
    const rows = await grid.waitForRows(hostile.length * 2 - 1);
    assert.deepEqual(
      rows.filter((_, index) => index % 2 === 0).map(({ Payload }) => Payload),
      hostile.map(([, preview]) => preview),
    );
    const socket = createSocket({ type: "udp4", sendBufferSize: 1 << 18 });
    for (const payload of [new Uint8Array(0), new Uint8Array(65_507).fill(0x41)]) {
      await new Promise((resolve) => socket.send(payload, port, "127.0.0.1", resolve));
    }
    socket.close();
    // "Hello, " and "!" do not fit around the longest one: the server says so and sends no answer.
    const all = await grid.waitForRows(hostile.length * 2 + 2);
    assert.deepEqual(
      // The answer to the first may leave before the second has come, or after.
      all
        .slice(-3)
        .map(({ Length }) => Length)
        .sort(),
      ["0 bytes", "65,507 bytes", "8 bytes"],
    );
    await workbench.terminals.showing("65515 bytes");
    await grid.select(0);
    assert.match(await grid.detailText(), /<img src=x onerror=/);
    assert.equal(await grid.frame.locator("img").count(), 0);
    for (const text of await workbench.terminals.texts()) {
      // A terminal's buffer has no escape sequences in it: had one been obeyed, its text would be missing.
      assert.doesNotMatch(text, /owned/);
    }
  });

  it("looks right in every theme, narrow and wide", async () => {
    await startServer();
    await startClient();
    const grid = await DatagramsGrid.in(workbench);
    await grid.waitForDelivered(6);
    await grid.select(1);
    for (const theme of THEMES) {
      await workbench.setTheme(theme);
      for (const width of [250, 420]) {
        await workbench.resizeSideBar(width);
        await grid.waitUntilItFits();
        const name = `${theme}-${width}.png`.toLowerCase().replaceAll(" ", "-");
        const picture = join(cacheFolder, "pictures", name);
        await workbench.screenshot(picture);
        assert.ok(existsSync(picture));
      }
    }
    await workbench.setTheme("Dark Modern");
  });
});

async function exists(program: string): Promise<boolean> {
  try {
    await run("sh", ["-c", `command -v ${program}`]);
    return true;
  } catch {
    return false;
  }
}
