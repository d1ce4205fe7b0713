import { existsSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import { Capture } from "../../extension/core/capture/capture.ts";
import { Delivery } from "../../extension/core/capture/delivery.ts";
import { FileSink } from "../../extension/core/capture/file_sink.ts";
import { Refusals } from "../../extension/core/capture/refusals.ts";
import { RowList } from "../../extension/core/capture/row_list.ts";
import { Sightings } from "../../extension/core/capture/sightings.ts";
import { exportPcapng } from "../../extension/core/export/pcapng_export.ts";
import { CaptureReader } from "../../extension/core/files/capture_reader.ts";
import { Direction } from "../../extension/core/files/capture_sink.ts";
import { CaptureFolder } from "../../extension/host/capture/capture_folder.ts";
import { FolderCapture } from "../../extension/host/capture/folder_capture.ts";
import type { World } from "./world.ts";

/** One record as a window tells it. */
export interface ToldRecord {
  /** No tap made it. */
  readonly isForeign: boolean;
  /** Names the record in each window alike: {@link recordKey}. */
  readonly key: string;
  readonly direction: "in" | "out" | "unknown";
  readonly delivery: keyof typeof Delivery;
  /** Microseconds since 1970. */
  readonly time: number;
  /** From which port to which. */
  readonly ports: readonly [number, number];
  /** The key of the other end of a delivered one or of a receipt, or of the record that one that was seen is shown with. */
  readonly partner: string | undefined;
}

export function recordKey(
  pid: number | undefined,
  socket: number | undefined,
  direction: string,
  time: number,
): string {
  return `${pid}/${socket} ${direction} ${time}`;
}

/** What a window does with the folder: the product's own reading, index and verdicts, without VS Code. */
export class SimulatedWindow {
  readonly capture = new Capture();
  readonly rows = new RowList(this.capture);
  readonly warnings: string[] = [];
  /** The capture folder of its workspace, which it has to read. */
  readonly path: string;
  readonly #folder: FolderCapture;
  #isPaused = false;
  #shownPort: number | undefined;

  private constructor(path: string, folder: CaptureFolder, world: World) {
    this.path = path;
    this.#folder = new FolderCapture({
      folder,
      capture: this.capture,
      quota: () => world.windowQuota,
      onChange: () => {},
      log: { warn: (text) => this.warnings.push(text) },
      now: () => world.timeOfDayMs,
      isAlive: async (pid) => world.isRunning(pid),
    });
  }

  /** Opens a window on the workspace with that capture folder. */
  static async open(world: World, path: string): Promise<SimulatedWindow> {
    const folder = await CaptureFolder.open(world.storage, basename(path));
    return new SimulatedWindow(path, folder, world);
  }

  /** Reads what is there, and lets time pass up to now. */
  look(): Promise<void> {
    return this.#folder.look();
  }

  /** As its watcher has it done, for some of the files alone: bit by bit those of the first eight, and of the next ... */
  lookAt(bits: number): Promise<void> {
    const names = existsSync(this.path) ? readdirSync(this.path).sort() : [];
    return this.#folder.lookAt(new Set(names.filter((_, at) => bits & (1 << (at % 8)))));
  }

  clear(): Promise<void> {
    return this.#folder.clear();
  }

  /** Somebody pauses the grid, or lets it go on. */
  pause(): void {
    this.#isPaused = !this.#isPaused;
    this.rows.setPaused(this.#isPaused);
  }

  /** Somebody filters the rows by the port that they go to, or shows all again. */
  filter(port: number): void {
    this.#shownPort = this.#shownPort === port ? undefined : port;
    this.rows.setFilter((id) => this.#isShown(id));
  }

  /** Where the rows, when the grid goes on, are others than they would be in one that was opened now. */
  rowFaults(): string[] {
    if (this.#isPaused) this.pause();
    const fresh = new RowList(this.capture);
    fresh.setFilter((id) => this.#isShown(id));
    const [own, expected] = [this.rows, fresh].map((rows) =>
      Array.from({ length: rows.length }, (_, row) => rows.idAt(row)).join(" "),
    );
    fresh.dispose();
    return own === expected ? [] : [`the rows are ${own} instead of ${expected}`];
  }

  /** What is told of the capture when all of it was exported and opened. */
  async exported(): Promise<Capture> {
    const { capture } = this;
    const chunks: Uint8Array[] = [];
    const ids = Array.from({ length: capture.length }, (_, position) => capture.idAt(position));
    const payload = (id: number) => this.#folder.payload(id);
    for await (const chunk of exportPcapng({ capture, ids, payload }, "UDP Workbench")) {
      chunks.push(chunk.slice());
    }
    const opened = new Capture();
    opened.findSightings(Sightings);
    opened.findRefusals(Refusals);
    const file = opened.addFile("exported.pcapng");
    const sink = new FileSink({
      capture: opened,
      file,
      writer: "exported.pcapng",
      clearedBefore: 0,
    });
    const bytes = Buffer.concat(chunks);
    const reader = new CaptureReader(sink);
    let read = 0;
    do read += reader.read(bytes.subarray(read), read);
    while (reader.hasMore);
    opened.commit();
    opened.settle(Number.MAX_SAFE_INTEGER);
    return opened;
  }

  #isShown(id: number): boolean {
    const port = this.#shownPort;
    return port === undefined || this.capture.flow(id).destinationPort === port;
  }

  /** Datagrams that had to go. */
  get evicted(): number {
    return this.#folder.evicted;
  }

  get openFiles(): number {
    return this.#folder.openFiles;
  }

  /** Where the window was closed, its extension host has gone; nothing is written any more. */
  dispose(): void {
    this.#folder.dispose();
  }

  records(): ToldRecord[] {
    const { capture } = this;
    const told: ToldRecord[] = [];
    for (let position = 0; position < capture.length; position++) {
      const id = capture.idAt(position);
      const delivery = nameOf(capture.delivery(id));
      const isPair = ["delivered", "receipt", "seen"].includes(delivery);
      const other = capture.partner(id);
      const partner = isPair && other !== id ? this.#key(other) : undefined;
      const { direction, sourcePort, destinationPort } = capture.flow(id);
      told.push({
        time: capture.time(id),
        ports: [sourcePort, destinationPort],
        isForeign: capture.socket(capture.flow(id).socket).program.pid === undefined,
        key: this.#key(id),
        direction: directionOf(direction),
        delivery,
        partner,
      });
    }
    return told;
  }

  #key(id: number): string {
    const flow = this.capture.flow(id);
    const { program, tapped } = this.capture.socket(flow.socket);
    return recordKey(
      program.pid,
      tapped?.socket,
      directionOf(flow.direction),
      this.capture.time(id),
    );
  }
}

function nameOf(delivery: Delivery): keyof typeof Delivery {
  const names = Object.entries(Delivery) as [keyof typeof Delivery, Delivery][];
  return names.find(([, value]) => value === delivery)?.[0] ?? "alone";
}

function directionOf(direction: Direction): "in" | "out" | "unknown" {
  return direction === Direction.in ? "in" : direction === Direction.out ? "out" : "unknown";
}
