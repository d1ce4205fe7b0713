import assert from "node:assert/strict";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { Delivery } from "../../../../extension/core/capture/delivery.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { displayFlow } from "../../../../extension/core/capture/peers.ts";
import { Refusals } from "../../../../extension/core/capture/refusals.ts";
import { RowList } from "../../../../extension/core/capture/row_list.ts";
import { Sightings } from "../../../../extension/core/capture/sightings.ts";
import type { WorldFile } from "./worlds.ts";

/** What each delivery is called. */
export const NAMES = Object.fromEntries(
  Object.entries(Delivery).map(([name, number]) => [number, name]),
);
/** Microseconds since 1970, when everything has happened. */
export const AFTER_ALL = 1e18;

/** A capture that finds out what was captured twice. */
export function readable(): Capture {
  const capture = new Capture();
  capture.findSightings(Sightings);
  capture.findRefusals(Refusals);
  return capture;
}

/** Which file is read next, and how many steps of it. */
export type Piece = readonly [file: WorldFile, steps: number];

/** Reads files piece by piece, and lets time pass in between. */
export class Reading {
  readonly capture = readable();
  readonly rows = new RowList(this.capture);
  readonly #sinks = new Map<WorldFile, { sink: FileSink; done: number }>();
  readonly #files = new Map<number, WorldFile>();

  read([file, steps]: Piece): void {
    let known = this.#sinks.get(file);
    if (!known) {
      const number = this.capture.addFile(file.name);
      this.#files.set(number, file);
      const { writer, startedAt, isForeign } = file;
      const sink = new FileSink({
        capture: this.capture,
        file: number,
        writer,
        clearedBefore: 0,
        startedAt,
        isForeign,
      });
      known = { sink, done: 0 };
      this.#sinks.set(file, known);
    }
    for (const step of file.steps.slice(known.done, known.done + steps)) step(known.sink);
    known.done += steps;
  }

  /** The programs that could not say that they ended are found to be gone. */
  noticeDeaths(files: readonly WorldFile[]): void {
    const killed = new Set(files.filter(({ isKilled }) => isKilled).map(({ writer }) => writer));
    for (const socket of [...this.capture.sockets.open()]) {
      if (killed.has(socket.program.writer)) this.capture.sockets.closeLeftOpen(socket);
    }
  }

  commit(): void {
    this.capture.commit();
    // As a grid does: what is told wrong from here on was not told anew.
    assert.ok(this.rows.length >= 0);
  }

  place(id: number): string {
    const { file, offset } = this.capture.payloadPlace(id);
    return `${this.#files.get(file)?.name} ${offset}`;
  }

  payload(id: number): Uint8Array {
    const { file, offset } = this.capture.payloadPlace(id);
    const payload = this.#files.get(file)?.payloads.get(offset) ?? assert.fail();
    return payload.subarray(0, this.capture.capturedLength(id));
  }

  /** Which sending it is. */
  number(id: number): number {
    const { file, offset } = this.capture.payloadPlace(id);
    return this.#files.get(file)?.numbers.get(offset) ?? assert.fail();
  }

  /** As where room has to be made. */
  drop(file: WorldFile): void {
    const numbers = [...this.#files].filter(([, of]) => of === file).map(([number]) => number);
    this.capture.dropFiles(new Set(numbers));
  }

  truth(id: number) {
    const { file, offset } = this.capture.payloadPlace(id);
    return this.#files.get(file)?.truths.get(offset);
  }

  /** What each row tells, by names that are the same in whatever order the files were read. */
  told(): string[] {
    const { capture, rows } = this;
    return Array.from({ length: rows.length }, (_, row) => {
      const id = rows.idAt(row);
      const delivery = capture.delivery(id);
      const hasPartner = delivery === Delivery.delivered || delivery === Delivery.copy;
      const partner = hasPartner ? this.place(capture.partner(id)) : "";
      const { direction } = displayFlow(capture, id);
      const refusal = JSON.stringify(capture.refusal(id));
      return [this.place(id), direction, NAMES[delivery], partner, refusal].join(" ");
    });
  }

  /** What each socket has counted, and of whom. */
  toldOfSockets(): string[] {
    const { sockets, peers } = this.capture;
    const told = [...sockets].map(({ place, program, tapped, name, state, received, sent }) =>
      JSON.stringify([program, tapped, name, state, received, sent, peers.of(place)]),
    );
    return told.sort();
  }
}

export function readAtOnce(files: readonly WorldFile[]): Reading {
  const reading = new Reading();
  for (const file of files) reading.read([file, file.steps.length]);
  reading.noticeDeaths(files);
  reading.commit();
  reading.capture.settle(AFTER_ALL);
  return reading;
}
