import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Capture } from "../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../extension/core/capture/file_sink.ts";
import { loadDecoders } from "../../../extension/core/decode/load_decoders.ts";
import type { Endpoint } from "../../../extension/core/wire/endpoint.ts";
import { formatSocket } from "../../../extension/core/wire/tap_identity.ts";
import type { CaptureSource } from "../../../extension/host/capture/capture_source.ts";
import type { LiveCapture } from "../../../extension/host/capture/live_capture.ts";
import type { OtherNode, SocketNode } from "../../../extension/host/ports/nodes.ts";
import type { SendHistory } from "../../../extension/host/send/send_history.ts";
import { datagramRecord } from "../../support/datagram_record.ts";
import { standInForVscode } from "../support/vscode_stand_in.ts";

const HOST = join(import.meta.dirname, "../../../extension/host");

/** What a file, a program or a process may be called, and a saved capture may say of both. */
const NAMES = {
  "an icon": "$(bell) $(sync~spin)",
  "a link that runs a command": "[free](command:workbench.action.quit)",
  "a link to a page": "[free](https://example.com/)",
  "Markdown and HTML": "**b** <img src=x onerror=alert(1)> `c`",
  "line breaks": "one\ntwo\r\nthree\u2028four\u0085five",
  "text from right to left": "udp\u202Egnp.exe\u2066\u200F",
  "what is drawn as nothing": "u\u200Bd\uFEFFp\u00AD",
  "escape sequences": "\u001B]52;c;b3duZWQ=\u0007\u001B[2J\u009B31m\0",
  "half a character": "\uD800 \uDFFF",
  "64 KiB": "x".repeat(65_536),
  "letters from right to left": "שלום (12)",
  "letters of another script from right to left": "9 مُحَمَّد",
};

const RTL = /[\p{Script=Hebrew}\p{Script=Arabic}]\p{M}*/u;
/** What has no letter is not drawn; what keeps foreign letters from turning around our words is ours. */
const HIDDEN = /(?!\u200e)\p{C}|[\p{Zl}\p{Zp}]/u;

function assertInert(text: string): void {
  assert.doesNotMatch(text, HIDDEN);
  const letters = RTL.source;
  const open = new RegExp(`(?:${letters})(?!${letters}|\\p{M}|\\u200e)`, "u");
  assert.doesNotMatch(text, open, "turns around what follows");
}

const RATES = { short: "", inLine: "", outLine: "", in: 0, out: 0 };
const NETWORK = { tcpListeners: [], groups: [] };

const program = (name: string) => ({
  ...{ writer: "1-2", name, command: name, runtime: name, pid: 7, ppid: 6 },
});
const socketNode = (name: string) =>
  ({
    id: "1",
    socket: {
      name,
      program: program(name),
      received: 1,
      sent: 2,
      state: "bound",
      local: { address: "127.0.0.1", port: 9 },
      notRecorded: 0,
    },
  }) as unknown as SocketNode;
/** A capture's table of sockets, with this one alone. */
const tableOf = (socket: unknown) => ({ open: () => [socket] });
const otherNode = (name: string) =>
  ({
    id: "2",
    other: {
      socket: { address: "127.0.0.1", zone: name, port: 9, pid: 7 },
      process: { words: [name, name] },
      program: name,
    },
  }) as unknown as OtherNode;

/** A kind of place → what it is given of a name, by the code that fills it. */
const PLACES: Readonly<Record<string, (name: string) => Promise<unknown[]>>> = {
  "the line of a port": async (name) => {
    const { socketItem } = await import("../../../extension/host/ports/socket_item.ts");
    const item = socketItem(socketNode(name), {
      system: undefined,
      rates: RATES as never,
      refused: 0,
      rules: [],
    });
    return [item.label, item.description];
  },
  "the line of another process": async (name) => {
    const { otherItem } = await import("../../../extension/host/ports/other_items.ts");
    const item = otherItem(otherNode(name));
    return [item.label, item.description];
  },
  "the status bar": async (name) => {
    const { followBoundPorts } = await import("../../../extension/host/ports/status_bar.ts");
    const { socket } = socketNode(name);
    const capture = { sockets: tableOf(socket), length: 0 };
    const live = { capture, onDidChange: () => {} } as unknown as LiveCapture;
    const seen = await shownBy(() => void followBoundPorts(live));
    // The icon is ours.
    return seen.map((text) => text.replace(/^\$\(broadcast\) /, ""));
  },
  "a message in the status bar": async (name) => {
    const { printable } = await import("../../../extension/core/text/printable.ts");
    const { tellInStatusBar } = await import("../../../extension/host/base/notify.ts");
    return shownBy(() => tellInStatusBar(printable(name, { limit: 80 }), 1));
  },
  "a list to choose from": async (name) => {
    const steps = await import("../../../extension/host/send/send_steps.ts");
    const { socket } = socketNode(name);
    const latest = [{ address: "192.0.2.7", port: 7, received: 1, lastTime: 0 }];
    const capture = { sockets: tableOf(socket), peers: { of: () => ({ latest }) } };
    const live = { capture } as unknown as LiveCapture;
    const history = { targets: [name] } as unknown as SendHistory;
    const lists = [
      steps.targetStep(live, history),
      steps.fromStep([socket]),
      steps.closeStep([socket]),
    ];
    return lists.flatMap(({ items }) =>
      items.flatMap(({ label, description = "" }) => [label, description]),
    );
  },
  "the name of a terminal": async (name) => {
    const { fileTaskName } = await import("../../../extension/host/launch/file_task.ts");
    return [fileTaskName(`/${name.replaceAll("/", "")}.ts`).slice(0, 400)];
  },
  "a notification": async (name) => {
    const { withOwner } = await import("../../../extension/host/programs/port_taken.ts");
    const { BindError } = await import("../../../extension/host/launch/launcher.ts");
    const notify = await import("../../../extension/host/base/notify.ts");
    const owner = { pid: 7, name, ppid: 6, isOurs: false, socket: socketNode(name).socket };
    const { message } = withOwner(new BindError("Cannot bind", "EADDRINUSE"), owner);
    return shownBy(() => {
      void notify.showError(message);
      void notify.showWarning(message);
      notify.showInformation(message);
      void notify.askFirst(message, "", notify.button(""));
    });
  },
};

/** Plain text, with line breaks of ours; none of it is short. */
const TEXTS: typeof PLACES = {
  "the row of a datagram, and its detail": async (name) => {
    const { datagramRow } = await import("../../../extension/host/words/row_text.ts");
    const { datagramDetail } = await import("../../../extension/host/datagrams/detail_answer.ts");
    const capture = new Capture();
    const sink = new FileSink({
      capture,
      file: capture.addFile(name),
      writer: name,
      clearedBefore: 0,
    });
    sink.section({ application: name, os: name, comments: [name] });
    const program = { pid: 7, socket: 1, thread: 0, program: name };
    sink.interface({ id: 0, name, description: formatSocket(program), comments: [name] });
    const ends = [1, 2].map((port) => ({ address: "127.0.0.1", port })) as [Endpoint, Endpoint];
    sink.datagram(datagramRecord(...ends, { comment: name }));
    capture.commit();
    const payload = new TextEncoder().encode(JSON.stringify({ [name]: name }).slice(0, 2000));
    const source = {
      capture,
      isLive: false,
      payload: async () => payload,
    } as unknown as CaptureSource;
    const id = capture.idAt(0);
    const { LoadedDecoders } = await import(
      "../../../extension/host/definitions/payload_decoders.ts"
    );
    const choices = { of: () => ({ decoder: "json" as const, port: 1 }) };
    const loaded = new LoadedDecoders(await loadDecoders(), [], choices);
    const row = await datagramRow(source, id);
    const decoders = { load: async () => loaded };
    const detail = await datagramDetail(source, decoders, id, async () => row);
    const { program: shown, facts, decoded } = detail ?? assert.fail();
    return [row.note, shown, ...facts.map(({ text }) => text), JSON.stringify(decoded?.origin)];
  },
  "the tooltip of a port": async (name) => {
    const { socketTooltip } = await import("../../../extension/host/ports/tooltips.ts");
    const facts = { system: undefined, rates: RATES as never, refused: 0, rules: [] };
    return [socketTooltip(socketNode(name).socket, facts, NETWORK)];
  },
  "the tooltip of another process": async (name) => {
    const { otherTooltip } = await import("../../../extension/host/ports/tooltips.ts");
    return [otherTooltip(otherNode(name).other, NETWORK)];
  },
};

describe("a foreign name", () => {
  before(() => standInForVscode());

  for (const [what, name] of Object.entries(NAMES)) {
    for (const [place, fill] of Object.entries(PLACES)) {
      it(`that is ${what} is inert in ${place}`, async () => {
        for (const text of await textsOf(fill(name))) {
          assert.doesNotMatch(text, /\$\(/);
          assertInert(text);
          if (place === "a notification") assert.doesNotMatch(text, /\]\(/);
          assert.ok(text.length < 500, `${text.length} characters`);
        }
      });
    }
    for (const [place, fill] of Object.entries(TEXTS)) {
      it(`that is ${what} is inert in ${place}`, async () => {
        for (const text of await textsOf(fill(name))) {
          assertInert(text.replaceAll("\n", ""));
        }
      });
    }
  }

  it("has no secret of its command line in a tooltip", async () => {
    const { socketTooltip } = await import("../../../extension/host/ports/tooltips.ts");
    const { otherTooltip } = await import("../../../extension/host/ports/tooltips.ts");
    const { socket } = socketNode("a");
    const watched = { ...socket, program: { ...program("a"), command: "a.js --token hunter2" } };
    const { other } = otherNode("a");
    const process = { pid: 7, ppid: 6, name: "a", words: ["a", "--token", "hunter2"] };
    for (const text of [
      socketTooltip(
        watched,
        { system: undefined, rates: RATES as never, refused: 0, rules: [] },
        NETWORK,
      ),
      otherTooltip({ ...other, process }, NETWORK),
    ]) {
      assert.match(text, /--token \*\*\*/);
      assert.doesNotMatch(text, /hunter2/);
    }
  });

  it("is in messages by way of one file alone, and in no Markdown", () => {
    const files = readdirSync(HOST, { recursive: true, encoding: "utf8" });
    for (const file of files.filter((path) => path.endsWith(".ts") && path !== "base/notify.ts")) {
      const source = readFileSync(join(HOST, file), "utf8");
      const called = /show(Error|Warning|Information)Message|setStatusBarMessage|MarkdownString/;
      assert.doesNotMatch(source, called, file);
    }
  });
});

async function textsOf(texts: Promise<unknown[]>): Promise<string[]> {
  const all = await texts;
  assert.ok(all.length > 0, "nothing was shown");
  return all.map((text) => (typeof text === "string" ? text : assert.fail(`${text} is no text`)));
}

/** What was shown in messages and in the status bar meanwhile. */
async function shownBy(show: () => void): Promise<string[]> {
  const { shown } = (await import("vscode")) as unknown as { shown: string[] };
  shown.length = 0;
  show();
  return [...shown];
}
