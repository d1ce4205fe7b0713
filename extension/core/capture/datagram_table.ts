import { SEND_FAILED } from "../wire/tap_identity.ts";
import { DatagramColumns } from "./columns.ts";
import { Delivery } from "./delivery.ts";
import { type Flow, FlowTable } from "./flow_table.ts";
import { SocketTable } from "./socket_table.ts";

/** Where the payload of a datagram is. */
export interface PayloadPlace {
  /** The number that {@link DatagramTable.addFile} gave. */
  readonly file: number;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Bytes that the file holds. */
  readonly length: number;
}

/** Datagrams with ids in a row whose payloads lie one behind the other in a file. */
export interface PayloadStretch {
  readonly firstId: number;
  readonly path: string;
  /** Bytes from the start of the file to where `offsets` count from. */
  readonly start: number;
  readonly offsets: Uint32Array;
  readonly lengths: Uint16Array;
}

/** A file, or a part of one that is too large for the 32 bits of an offset in the index. */
interface FilePart {
  readonly path: string;
  /** Where in the file the part starts. */
  readonly start: number;
}

/** The file of a datagram whose segment was given up. */
export const GONE = 0xffffffff;

/** Bytes that one number of {@link DatagramTable.addFile} can tell. */
export const MAX_FILE_PART = 2 ** 32;

/** The datagrams of a capture by their ids, and the flows and files that they belong to; without any order. */
export class DatagramTable extends SocketTable {
  readonly flows = new FlowTable();
  protected columns = new DatagramColumns();
  /** Id of the first datagram in the columns: ids go on counting when it is given up. */
  protected first = 0;
  /** How many datagrams have got their place in time. */
  protected committed = 0;
  protected receiptCount = 0;
  /** What is out of the ordinary, for the few datagrams that have it: id → comment. */
  protected readonly comments = new Map<number, string>();
  readonly #files: FilePart[] = [];

  /** The id of the first datagram of the index, and the one behind the last; those between may have been given up. */
  get firstId(): number {
    return this.first;
  }

  get endId(): number {
    return this.first + this.committed;
  }

  /** How many datagrams are receipts, which are shown with their sending. */
  get receipts(): number {
    return this.receiptCount;
  }

  /**
   * Registers a file and returns its number; `path` is given back by {@link filePath}. A file larger than
   * {@link MAX_FILE_PART} is registered again for each such part, with the byte at which it starts.
   */
  addFile(path: string, start = 0): number {
    return this.#files.push({ path, start }) - 1;
  }

  filePath(file: number): string {
    const part = this.#files[file];
    if (!part) throw new RangeError(`Cannot find capture file ${file}`);
    return part.path;
  }

  /**
   * Adds a datagram; it has a position after the next {@link commit}. `offset` counts from the start of the file
   * part; `digest`: see payloadDigest(). No object is made: a file may hold millions.
   */
  append(
    time: number,
    flow: number,
    file: number,
    offset: number,
    length: number,
    wireLength: number,
    digest: number,
    comment: string,
  ): void {
    const index = this.columns.append(time, flow, file, offset, wireLength, length, digest);
    if (comment !== "") this.comments.set(this.first + index, comment);
  }

  /** True while a datagram of this id is in the table. */
  has(id: number): boolean {
    const index = id - this.first;
    return index >= 0 && index < this.committed && this.columns.file[index] !== GONE;
  }

  /** Microseconds since 1970. */
  time(id: number): number {
    return this.columns.time[this.index(id)] ?? 0;
  }

  flow(id: number): Flow {
    return this.flows.get(this.flowId(id));
  }

  /** {@link Flow.id} */
  flowId(id: number): number {
    return this.columns.flow[this.index(id)] ?? 0;
  }

  /** The earliest time of the datagrams `first + offsets`, as far as they are in the table; Infinity where none is. */
  earliest(first: number, offsets: readonly number[]): number {
    const { time, file } = this.columns;
    let earliest = Number.POSITIVE_INFINITY;
    for (const offset of offsets) {
      const index = first + offset - this.first;
      const own = time[index] ?? earliest;
      if (index < this.committed && file[index] !== GONE && own < earliest) earliest = own;
    }
    return earliest;
  }

  /** Payload bytes on the wire. */
  wireLength(id: number): number {
    return this.columns.wireLength[this.index(id)] ?? 0;
  }

  /** Payload bytes that the file holds. */
  capturedLength(id: number): number {
    return this.columns.capturedLength[this.index(id)] ?? 0;
  }

  /** What tells equal payloads; see payloadDigest(). */
  digest(id: number): number {
    return this.columns.digest[this.index(id)] ?? 0;
  }

  /** What became of it, as far as we can tell. */
  delivery(id: number): Delivery {
    return (this.columns.delivery[this.index(id)] ?? Delivery.alone) as Delivery;
  }

  /**
   * The receipt of a delivered datagram, or itself where that is no longer kept; the sending of a receipt.
   * Meaningless for all others.
   */
  partner(id: number): number {
    return this.first + (this.columns.partner[this.index(id)] ?? 0);
  }

  setDelivery(id: number, delivery: Delivery, partner: number): void {
    const index = this.index(id);
    if (this.columns.delivery[index] === Delivery.receipt) this.receiptCount--;
    if (delivery === Delivery.receipt) this.receiptCount++;
    this.columns.delivery[index] = delivery;
    this.columns.partner[index] = partner - this.first;
  }

  /** False where the system refused to send it. */
  wasSent(id: number): boolean {
    return !this.comment(id).includes(SEND_FAILED);
  }

  comment(id: number): string {
    return this.comments.get(id) ?? "";
  }

  payloadPlace(id: number): PayloadPlace {
    const index = this.index(id);
    const { file, offset, capturedLength } = this.columns;
    const number = file[index] ?? 0;
    return {
      file: number,
      offset: (this.#files[number]?.start ?? 0) + (offset[index] ?? 0),
      length: capturedLength[index] ?? 0,
    };
  }

  /**
   * Where the payloads of the datagrams `from` to `to - 1` lie, as long stretches of the index: valid until the next
   * datagram is given up. {@link endId} is the id behind the last one.
   */
  payloadStretches(from: number, to: number): PayloadStretch[] {
    const { file, offset, capturedLength } = this.columns;
    const stretches: PayloadStretch[] = [];
    const end = Math.min(to - this.first, this.committed);
    for (let index = Math.max(0, from - this.first); index < end; ) {
      const number = file[index] ?? GONE;
      let behind = index + 1;
      // A merged file may tell of packets that lie before the ones before them.
      while (
        behind < end &&
        file[behind] === number &&
        (offset[behind] ?? 0) >= (offset[behind - 1] ?? 0)
      )
        behind++;
      const part = this.#files[number];
      if (part) {
        stretches.push({
          firstId: this.first + index,
          path: part.path,
          start: part.start,
          offsets: offset.subarray(index, behind),
          lengths: capturedLength.subarray(index, behind),
        });
      }
      index = behind;
    }
    return stretches;
  }

  protected index(id: number): number {
    const index = id - this.first;
    if (index >= 0 && index < this.committed) return index;
    throw new RangeError(`Cannot find datagram ${id}: it is no longer in the table`);
  }
}
