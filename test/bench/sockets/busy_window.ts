import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Capture } from "../../../extension/core/capture/capture.ts";
import { RowList } from "../../../extension/core/capture/row_list.ts";
import { Direction } from "../../../extension/core/files/capture_sink.ts";
import { headerLength, writeIpv4Headers } from "../../../extension/core/files/packet/packet.ts";
import {
  beginPacket,
  finishPacket,
  writeInterface,
  writeSectionHeader,
  writeStatistics,
} from "../../../extension/core/files/pcapng/writer.ts";
import {
  formatProcess,
  formatSegmentName,
  formatSocket,
} from "../../../extension/core/wire/tap_identity.ts";
import { CaptureFolder } from "../../../extension/host/capture/capture_folder.ts";
import { FolderCapture } from "../../../extension/host/capture/folder_capture.ts";

/**
 * What a window remembers while a program opens socket after socket, or hears sender after sender, and its segments come
 * and go: reads each one, looks at what a person would see, and gives the oldest one up. Prints the memory that is in
 * use after each, in MiB over what there was before. Usage: node --expose-gc busy_window.ts sockets|senders COUNT FOLDER
 */
const [what = "", count = "", storage = ""] = process.argv.slice(2);
/** Sockets or senders in a segment: of ten megabytes at most, so that many come and go. */
const IN_SEGMENT = 20_000;
/** What the settings say unless somebody changed them. */
const QUOTA = 2 ** 30;

const START = Date.UTC(2026, 10, 20, 12) * 1000;
const PAYLOAD = 32;
const HERE = 0x7f000001;
const PORT = 53;
const bytes = new Uint8Array(IN_SEGMENT * 512 + 4096);
const view = new DataView(bytes.buffer);
const application = formatProcess({
  runtime: "node",
  version: "24.0.0",
  pid: 4242,
  ppid: 4200,
  thread: 0,
  program: "/lesson/resolver.js",
});

function memory(): number {
  gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

function describe(at: number, id: number, socket: number, port: number): number {
  const description = formatSocket({ program: "resolver.js", pid: 4242, thread: 0, socket });
  return writeInterface(view, at, { id, name: `127.0.0.1:${port}`, description, comments: [] });
}

/** A datagram of the socket `id` from or to somebody at `port`. */
function datagram(
  at: number,
  id: number,
  time: number,
  from: [number, number],
  to: [number, number],
) {
  const length = headerLength(4) + PAYLOAD;
  const direction = from[1] === PORT && to[0] === HERE ? Direction.in : Direction.out;
  const packet = beginPacket(view, at, id, time, length, length);
  writeIpv4Headers(view, packet, from[0], to[0], from[1], to[1], PAYLOAD);
  return finishPacket(view, at, length, what === "senders" ? Direction.in : direction, 0, "");
}

/** Each socket asks once, and is closed. */
function writeSockets(first: number): number {
  let at = writeSectionHeader(view, 0, { application, os: "", comments: [] });
  for (let id = 0; id < IN_SEGMENT; id++) {
    const number = first + id;
    const time = START + number * 100;
    const port = 1024 + (number % 60_000);
    at = describe(at, id, number + 1, port);
    at = datagram(at, id, time, [HERE, port], [0x08080808, PORT]);
    at = writeStatistics(view, at, { id, startTime: time - 9, endTime: time + 9 }, time);
  }
  return at;
}

/** One socket hears many, each once. */
function writeSenders(first: number): number {
  let at = writeSectionHeader(view, 0, { application, os: "", comments: [] });
  at = describe(at, 0, 1, PORT);
  for (let index = 0; index < IN_SEGMENT; index++) {
    const number = first + index;
    const from: [number, number] = [0x0a000000 + number, 1024 + (number % 60_000)];
    at = datagram(at, 0, START + number * 100, from, [HERE, PORT]);
  }
  return at;
}

const write = what === "senders" ? writeSenders : writeSockets;
// What is compiled and allocated once is not what grows.
write(0);
const before = memory();
const folder = await CaptureFolder.open(storage, "0".repeat(32));
const capture = new Capture();
const rows = new RowList(capture);
const followed = new FolderCapture({
  folder,
  capture,
  quota: () => QUOTA,
  onChange: () => {},
  log: { warn: (text) => process.stderr.write(`${text}\n`) },
  isAlive: async () => true,
});
const used: number[] = [];
for (let first = 0, segment = 1; first < Number(count); first += IN_SEGMENT, segment++) {
  const name = formatSegmentName({ startMs: START / 1000, pid: 4242, thread: 0, segment });
  await writeFile(join(folder.path, name), bytes.subarray(0, write(first)));
  await followed.look();
  const told = rows.length + followed.evicted;
  if (told !== first + IN_SEGMENT) throw new Error(`${told} of ${first + IN_SEGMENT} are told of`);
  for (const { place } of capture.sockets.open()) capture.peers.of(place, 100);
  used.push(memory() - before);
}
followed.dispose();
process.stdout.write(JSON.stringify({ used, milliseconds: performance.now() }));
