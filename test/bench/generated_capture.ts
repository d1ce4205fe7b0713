import { closeSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Direction } from "../../extension/core/files/capture_sink.ts";
import { headerLength, writeIpv4Headers } from "../../extension/core/files/packet/packet.ts";
import {
  beginPacket,
  finishPacket,
  MAX_DESCRIPTION_BLOCK,
  writeInterface,
  writeSectionHeader,
} from "../../extension/core/files/pcapng/writer.ts";
import { formatProcess, formatSocket } from "../../extension/core/wire/tap_identity.ts";

/** Stands in one payload of a thousand, and in no other. */
export const RARE_TEXT = "overheated";
/** Stands in every request, and so in half of the payloads. */
export const COMMON_TEXT = "temperature";

const SERVER = 0x0a000001;
const FIRST_CLIENT = 0x0a010000;
const PORT = 9999;
const LONGEST = 512;

/**
 * A server as the tap records it: each of its `clients` sends a line of JSON now and then, most of them seldom and a
 * few of them a lot, and gets an answer, mostly at once. Two flows a client; lines of 60 to 90 bytes, answers of 24.
 */
export function writeServerCapture(path: string, datagrams: number, clients: number): void {
  const file = openSync(path, "wx");
  try {
    const buffer = new Uint8Array(1 << 20);
    const view = new DataView(buffer.buffer);
    let at = writeHead(view);
    const random = seeded(clients);
    const encoder = new TextEncoder();
    let time = Date.UTC(2026, 10, 20, 12) * 1000;
    let unanswered: number[] = [];
    for (let number = 0; number < datagrams; number++) {
      if (at + MAX_DESCRIPTION_BLOCK + LONGEST > buffer.length) {
        writeSync(file, buffer, 0, at);
        at = 0;
      }
      time += Math.floor(random() * 100) + 1;
      const isAnswer = unanswered.length > 0 && random() < 0.5 + unanswered.length / 16;
      // The cube prefers low numbers: some clients send much more than others.
      const client = isAnswer ? (unanswered[0] ?? 0) : Math.floor(clients * random() ** 3);
      if (isAnswer) unanswered = unanswered.slice(1);
      else unanswered.push(client);
      const text = isAnswer ? `{"ok":true,"n":${number}}` : reading(number, client, random);
      const length = encoder.encodeInto(text, buffer.subarray(at + 28 + headerLength(4))).written;
      at = writeDatagram(view, at, time, client, isAnswer, length);
    }
    writeSync(file, buffer, 0, at);
  } finally {
    closeSync(file);
  }
}

/** Runs `use` with a folder that is gone afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "udp-workbench-bench-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function reading(number: number, client: number, random: () => number): string {
  const degrees = (15 + random() * 20).toFixed(random() < 0.3 ? 1 : 2);
  const state = number % 1000 === 0 ? RARE_TEXT : random() < 0.02 ? "restarted" : "well";
  return `{"n":${number},"device":"field-${client}","temperature":${degrees},"state":"${state}"}`;
}

function writeDatagram(
  view: DataView,
  offset: number,
  time: number,
  client: number,
  isAnswer: boolean,
  length: number,
): number {
  const captured = headerLength(4) + length;
  const packet = beginPacket(view, offset, 0, time, captured, captured);
  const [address, port] = [FIRST_CLIENT + client, 1024 + ((client * 7919) % 60_000)];
  if (isAnswer) writeIpv4Headers(view, packet, SERVER, address, PORT, port, length);
  else writeIpv4Headers(view, packet, address, SERVER, port, PORT, length);
  return finishPacket(view, offset, captured, isAnswer ? Direction.out : Direction.in, 0, "");
}

function writeHead(view: DataView): number {
  const pid = 4242;
  const script = "udp_server.ts";
  const application = formatProcess({
    runtime: "node",
    version: "24.21.0",
    pid,
    ppid: 1,
    thread: 0,
    program: script,
  });
  const at = writeSectionHeader(view, 0, { os: "", application, comments: [] });
  return writeInterface(view, at, {
    id: 0,
    name: `10.0.0.1:${PORT}`,
    description: formatSocket({ program: script, pid, thread: 0, socket: 1 }),
    comments: [],
  });
}

/** Random numbers from 0 to 1 that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
