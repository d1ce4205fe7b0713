import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Direction } from "../../../extension/core/files/capture_sink.ts";
import { LinkType } from "../../../extension/core/files/packet/link_layer.ts";
import {
  refusalLength,
  writeRefusal,
} from "../../../extension/core/files/packet/refusal_packet.ts";
import { BlockType, Option } from "../../../extension/core/files/pcapng/format.ts";
import {
  formatGreeting,
  formatProven,
  formatReply,
  formatRequest,
  MOST_REPLY,
  MOST_REQUEST,
  parseGreeting,
  parseProven,
  parseReply,
  parseRequest,
} from "../../../extension/core/wire/control_message.ts";
import { MOST_PATH_BYTES } from "../../../extension/core/wire/control_variables.ts";
import { formatRuleEffect, parseRuleEffect } from "../../../extension/core/wire/rule_effect.ts";
import {
  BIND_FAILED,
  formatProcess,
  formatSegmentName,
  formatSocket,
  parseProcess,
  parseSegmentName,
  parseSocket,
  RECONSTRUCTED_HEADERS,
  REFUSED,
  SEND_FAILED,
  SEND_UNFINISHED,
} from "../../../extension/core/wire/tap_identity.ts";
import { REFUSALS as REFUSED_BY } from "../../../extension/taps/node/dgram_errors.ts";
import { readSettings } from "../../../extension/taps/node/settings.ts";
import { codesIn, ROOT, readText, tableBelow } from "../support/markdown.ts";

const TAP = "extension/taps/node";
const PYTHON_TAP = "extension/taps/python/udp_workbench_tap";
const contract = readText("docs/tap.md");
/** Without its line breaks, which are where the text happens to be wide. */
const sentences = contract.replace(/\s+/g, " ");
const sources = [
  ...readdirSync(join(ROOT, TAP)).map((name) => `${TAP}/${name}`),
  "extension/core/wire/control_message.ts",
  "extension/core/wire/control_variables.ts",
  "extension/core/wire/tap_identity.ts",
]
  .map(readText)
  .join("\n");

/** The lines of the indented example that begins so. */
function example(start: string): string[] {
  const at = contract.indexOf(`\n    ${start}`);
  assert.ok(at >= 0, start);
  const [block = ""] = /^(?: {4}.*\n)+/.exec(contract.slice(at + 1)) ?? [];
  return block
    .trimEnd()
    .split("\n")
    .map((line) => line.trim());
}

/** What the code says, to the letter, and what the contract says of it. */
const LIMITS: readonly (readonly [file: string, code: string, told: string])[] = [
  ["recorder.ts", "FLUSH_MS = 20;", "stays in memory for 20 ms at most"],
  ["recorder.ts", "TELL_DROPS_MS = 1000;", "statistics tell it, once a second at most"],
  ["recorder.ts", "MAX_WAITING = 4096;", "At most 4,096 closed sockets wait"],
  ["recorder.ts", "< 2 * MAX_WAITING)", "From 8,192 sockets on"],
  ["recorder.ts", 'name: "other sockets"', "the name `other sockets`"],
  ["block_buffer.ts", "BUFFER_BYTES = 256 * 1024;", "one piece of memory of 256 KiB"],
  ["segment_file.ts", "NAME_ATTEMPTS = 100;", "is tried, 100 times at most"],
  ["segment_file.ts", '"wx", 0o600', "files have the mode 0600"],
  ["segments.ts", "mode: 0o700", "with the mode 0700"],
  ["segments.ts", "RETRY_MS = 1000;", "the folder is left alone for 1 s"],
  ["segments.ts", "SLOW_WRITE_MS = 50;", "of more than 50 ms each"],
  ["segments.ts", "SLOW_WRITES = 3;", "Three writes in a row"],
  ["segments.ts", "REST_FACTOR = 9;", "for nine times as long"],
  ["folder_quota.ts", "MAX_ALLOWANCE = 16 * 1024 ** 2;", "64 KiB at least, and 16 MiB, at most"],
  ["folder_quota.ts", "MIN_GRANT = 64 * 1024;", "(64 KiB, then twice"],
  ["folder_quota.ts", "MIN_RESERVE = 64 * 1024;", "by a 64th of it, 64 KiB at least"],
  ["folder_quota.ts", "this.#quota / 16)", "a 16th of the quota, 64 KiB at least"],
  ["folder_quota.ts", "2 * this.#granted", "then twice as many as the time before"],
  ["folder_quota.ts", "COUNT_PAUSE = 100;", "after 100 times as long as that took"],
  ["../../core/wire/folder_usage.ts", 'USAGE_FILE = "used";', "the file `used`"],
  ["../../core/wire/folder_usage.ts", "PAGE_BYTES = 4096;", "4,096 bytes each"],
  ["clock.ts", "DRIFT_MS = 1;", "more than 1 ms behind"],
  ["clock.ts", "COMPARED_FOR_MS = 1000;", "Once a second at most, and with each write"],
  ["clock.ts", "NEAR_MS = 0.005;", "to 5 µs"],
  ["clock.ts", "MOST_LOOKS = 200_000;", "200,000 looks at most"],
  ["control.ts", "START_MS = 100;", "from 100 ms after its first socket"],
  ["control_server.ts", "MOST_CONNECTIONS = 8;", "8 connections at a time"],
  ["../../core/wire/control_message.ts", "RULES_SILENCE_S = 9;", "said nothing for 9 seconds"],
  ["../../core/wire/socket_rule.ts", "MOST_RULES = 16;", "| `rules` | 16 at most"],
  ["tap.ts", 'Symbol.for("udp-workbench.tap")', '`Symbol.for("udp-workbench.tap")`'],
  ["../../core/wire/control_message.ts", "CONTROL_PATIENCE_MS = 2000;", "within 2,000 ms"],
  ["../../core/files/pcapng/writer.ts", "MAX_TEXT = 4096;", "cut at 4,096 bytes"],
  ["../../core/files/pcapng/writer.ts", "MAX_COMMENTS = 2;", "two at most"],
  ["../../core/files/packet/packet.ts", "TIME_TO_LIVE = 64;", "20 bytes, TTL 64"],
  ["../../core/capture/pairing.ts", "SKEW_US = 5_000;", "5 ms too early"],
  ["../../host/attach/attached_mark.ts", 'ATTACHED_MARK = "attached";', "a file `attached`"],
];

/** The same of the tap for Python, whose words are other ones. */
const PYTHON_LIMITS: readonly (readonly [file: string, code: string, told: string])[] = [
  ["recorder.py", "_FLUSH_SECONDS = 0.02\n", "stays in memory for 20 ms at most"],
  ["recorder.py", "_TELL_DROPS_SECONDS = 1.0\n", "statistics tell it, once a second at most"],
  ["blocks.py", "_MOST_WAITING = 4096\n", "At most 4,096 closed sockets wait"],
  ["blocks.py", "< 2 * _MOST_WAITING:", "From 8,192 sockets on"],
  ["blocks.py", 'LocalEnd("other sockets"', "the name `other sockets`"],
  ["blocks.py", "\nBUFFER_BYTES = 256 * 1024\n", "one piece of memory of 256 KiB"],
  ["blocks.py", `_RECONSTRUCTED = "${RECONSTRUCTED_HEADERS}"\n`, RECONSTRUCTED_HEADERS],
  ["control_message.py", "MOST_RULES = 16\n", "| `rules` | 16 at most"],
  ["rules.py", "SILENCE_SECONDS = 9\n", "said nothing for 9 seconds"],
  ["segments.py", "_NAME_ATTEMPTS = 100\n", "is tried, 100 times at most"],
  ["segments.py", "os.O_CREAT | os.O_EXCL", "created exclusively (`O_CREAT | O_EXCL`)"],
  ["segments.py", "_open(self._path, flags, 0o600)", "files have the mode 0600"],
  ["segments.py", "_mkdir(path, 0o700)", "with the mode 0700"],
  ["segments.py", "_RETRY_SECONDS = 1.0\n", "the folder is left alone for 1 s"],
  ["segments.py", "_SLOW_WRITE_SECONDS = 0.05\n", "of more than 50 ms each"],
  ["segments.py", "_SLOW_WRITES = 3\n", "Three writes in a row"],
  ["segments.py", "_REST_FACTOR = 9\n", "for nine times as long"],
  ["segments.py", "_MAX_ALLOWANCE = 16 * 1024**2\n", "64 KiB at least, and 16 MiB, at most"],
  ["segments.py", "_MIN_GRANT = 64 * 1024\n", "(64 KiB, then twice"],
  ["segments.py", "_MIN_RESERVE = 64 * 1024\n", "by a 64th of it, 64 KiB at least"],
  ["segments.py", "self._quota // 16)", "a 16th of the quota, 64 KiB at least"],
  ["segments.py", "2 * self._granted", "then twice as many as the time before"],
  ["segments.py", "_COUNT_PAUSE = 100\n", "after 100 times as long as that took"],
  ["segments.py", '_USAGE_FILE = "used"\n', "the file `used`"],
  ["segments.py", "_PAGE_BYTES = 4096\n", "4,096 bytes each"],
  ["clock.py", "_DRIFT = 1000\n", "more than 1 ms behind"],
  ["clock.py", "_COMPARED_FOR = 1_000_000\n", "Once a second at most, and with each write"],
  ["own_folder.py", "_OTHERS_WRITE = 0o022\n", "no bit of the mode 0022"],
  ["control.py", "_START_SECONDS = 0.1\n", "from 100 ms after its first socket"],
  ["control.py", "_PATIENCE_SECONDS = 2.0\n", "must arrive within 2,000 ms of the connection"],
  ["control.py", "_MOST_CONNECTIONS = 8\n", "8 connections at a time"],
  [
    "control.py",
    `_MOST_PATH = ${MOST_PATH_BYTES}\n`,
    `Longer than ${MOST_PATH_BYTES} bytes it is not made`,
  ],
  ["control_message.py", "MOST_REQUEST = 2 * _MOST_PAYLOAD + 1024\n", "132,078 characters at most"],
  ["pcapng.py", "MAX_TEXT = 4096\n", "cut at 4,096 bytes"],
  ["pcapng.py", "MAX_COMMENTS = 2\n", "two at most"],
  ["errors.py", `"${SEND_FAILED}"`, `\`${SEND_FAILED}\``],
  ["blocks.py", `"${BIND_FAILED}"`, `\`${BIND_FAILED}\``],
];

/** The specification's names of the options. */
const OPTIONS: Readonly<Record<string, number>> = {
  opt_comment: Option.comment,
  shb_os: Option.sectionOs,
  shb_userappl: Option.sectionApplication,
  if_name: Option.interfaceName,
  if_description: Option.interfaceDescription,
  if_tsresol: Option.timestampResolution,
  epb_flags: Option.packetFlags,
  epb_dropcount: Option.packetDropCount,
  isb_starttime: Option.statisticsStartTime,
  isb_endtime: Option.statisticsEndTime,
  isb_ifrecv: Option.statisticsReceived,
  isb_ifdrop: Option.statisticsDropped,
};

describe("the contract of a tap", () => {
  it("names each variable of the environment with its default, and no other", () => {
    const rows = tableBelow(contract, "## Environment variables");
    const named = rows.map(([name = ""]) => codesIn(name)[0] ?? "");
    const read = new Set(sources.match(/\bUDP_TAP_[A-Z]+\b/g));
    assert.deepEqual(named.sort(), [...read].sort());
    const told = new Map(rows.map(([name = "", , otherwise]) => [codesIn(name)[0], otherwise]));
    assert.equal(readSettings({}), undefined);
    const settings = readSettings({ UDP_TAP_DIR: "captures", UDP_TAP_SEGMENT: "12 MB" });
    assert.equal(settings?.folder, resolve("captures"));
    assert.equal(told.get("UDP_TAP_QUOTA"), String(settings?.quota));
    assert.equal(told.get("UDP_TAP_SEGMENT"), String(settings?.segment));
    assert.equal(settings?.snapLength, Number.MAX_SAFE_INTEGER);
  });

  it("has each comment as it is written", () => {
    const rows = tableBelow(contract, "## Comments").map(([comment = ""]) => codesIn(comment)[0]);
    const effects = tableBelow(contract, "### What rules did").map(
      ([comment = ""]) => codesIn(comment)[0] ?? "",
    );
    assert.equal(effects.length, 5);
    for (const comment of effects) {
      assert.equal(formatRuleEffect(parseRuleEffect(comment) ?? {}), comment);
    }
    for (const comment of [BIND_FAILED, SEND_FAILED, SEND_UNFINISHED, REFUSED]) {
      assert.ok(rows.includes(comment), comment);
    }
    for (const comment of rows) assert.ok(sources.includes(`"${comment}"`), comment);
    assert.ok(codesIn(contract).includes(RECONSTRUCTED_HEADERS));
  });

  it("has each error that tells of a refusal, as it is written", () => {
    const told = tableBelow(contract, "### Refusals").flatMap(([errors = "", v4 = "", v6 = ""]) =>
      codesIn(errors).map((error) => {
        const codes = [v4, v6].map((text) => /^(\d+), (\d+)/.exec(text)?.slice(1).map(Number));
        return [error, ...codes];
      }),
    );
    const errors = [...REFUSED_BY.keys()];
    const written = errors.map((error) => {
      const ends = [4, 16].map((length) => {
        const end = { ipv4: 1, ipv6: length === 16 ? new Uint8Array(16) : undefined, port: 1 };
        const bytes = new Uint8Array(refusalLength(length, 0));
        const refusal = REFUSED_BY.get(error) ?? assert.fail();
        writeRefusal(new DataView(bytes.buffer), 0, refusal, end, end, 0);
        return [...bytes.subarray(length === 4 ? 20 : 40).subarray(0, 2)];
      });
      return [error, ...ends];
    });
    assert.deepEqual(told.sort(), written.sort());
  });

  it("has a file's name as it is made and read", () => {
    const [, name = ""] = /<segment>\.pcapng\s+(\S+)/.exec(contract) ?? [];
    const segment = parseSegmentName(name);
    assert.ok(segment);
    assert.equal(formatSegmentName(segment), name);
    assert.equal(formatSegmentName({ ...segment, thread: 2 }), name.replace("-000", ".2-000"));
  });

  it("has programs and sockets as they are written and read", () => {
    const lines = example("shb_userappl").map((line) => line.replace(/^(shb|if)_\w+\s+/, ""));
    const [programs, sockets] = [lines.slice(0, 2), lines.slice(2)];
    for (const line of programs) {
      const tapped = parseProcess(line);
      assert.equal(tapped && formatProcess(tapped), line);
    }
    for (const line of sockets) {
      const tapped = parseSocket(line);
      assert.equal(tapped && formatSocket(tapped), line);
    }
    assert.equal(sockets.length, 2);
  });

  it("has the blocks and options of pcapng with their numbers", () => {
    const rows = tableBelow(contract, "## Blocks");
    const told = rows.flatMap(([, cell = ""]) =>
      Array.from(cell.matchAll(/`(\w+)` \((\d+)\)/g), ([, name = "", code]) => [
        name,
        Number(code),
      ]),
    );
    assert.deepEqual(Object.fromEntries(told), OPTIONS);
    const blocks = rows.flatMap(([cell = ""]) => /\(`?(\w+)`?\)/.exec(cell)?.[1] ?? []);
    assert.deepEqual(blocks.map(Number), [
      BlockType.sectionHeader,
      BlockType.interfaceDescription,
      BlockType.enhancedPacket,
      BlockType.interfaceStatistics,
    ]);
    assert.ok(sentences.includes(`${LinkType.raw} (LINKTYPE_RAW`));
    assert.ok(sentences.includes(`${Direction.in} inbound, ${Direction.out} outbound`));
  });

  it("has control messages as they are written and read", () => {
    const filled = (line: string) =>
      line.replace("<64 hex>", "0f".repeat(32)).replace("<hex>", "48656c6c6f");
    const [greeting = "", ...requests] = example('{"v":2,"nonce"').map(filled);
    assert.equal(formatGreeting(parseGreeting(greeting) ?? ""), greeting);
    assert.equal(requests.length, 6);
    for (const line of requests) {
      const proven = parseProven(line) ?? assert.fail(line);
      const [request, reply] = [parseRequest(proven.body), parseReply(proven.body)];
      const body = request ? formatRequest(request) : reply && formatReply(reply);
      assert.equal(formatProven({ ...proven, body: body ?? "" }), line);
    }
    const [most, reply] = [MOST_REQUEST, MOST_REPLY].map((count) => count.toLocaleString("en"));
    assert.ok(
      sentences.includes(`has ${most} characters at most, a greeting or a reply ${reply};`),
    );
    assert.ok(sentences.includes(`Longer than ${MOST_PATH_BYTES} bytes it is not made`));
  });

  for (const [file, code, told] of LIMITS) {
    it(`says "${told}", as ${file} does`, () => {
      assert.ok(readText(`${TAP}/${file}`).includes(code), `${file} has no ${code}`);
      assert.ok(sentences.includes(told), `docs/tap.md does not say: ${told}`);
    });
  }

  for (const [file, code, told] of PYTHON_LIMITS) {
    it(`says "${told}", as ${file} does`, () => {
      assert.ok(readText(`${PYTHON_TAP}/${file}`).includes(code), `${file} has no ${code}`);
      assert.ok(sentences.includes(told), `docs/tap.md does not say: ${told}`);
    });
  }

  it("names each variable of the environment that the tap for Python reads, which are all", () => {
    const files = readdirSync(join(ROOT, PYTHON_TAP)).filter((name) => name.endsWith(".py"));
    const texts = files.map((name) => readText(`${PYTHON_TAP}/${name}`)).join("\n");
    const named = tableBelow(contract, "## Environment variables").map(
      ([name = ""]) => codesIn(name)[0],
    );
    assert.deepEqual([...new Set(texts.match(/\bUDP_TAP_[A-Z]+\b/g))].sort(), named.sort());
  });
});
