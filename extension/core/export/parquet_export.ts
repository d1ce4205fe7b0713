import { printable } from "../text/printable.ts";
import { type ExportedDatagram, type ExportSource, exportedDatagrams } from "./export_source.ts";
import {
  ConvertedType,
  chunkMetadata,
  ParquetColumn,
  type ParquetSchema,
  ParquetType,
  type WrittenChunk,
} from "./parquet_column.ts";
import { ThriftWriter } from "./thrift_writer.ts";

/** A row group is written after so many rows, or bytes: readers take one at a time, and so much is in memory. */
const MOST_ROWS = 100_000;
const MOST_BYTES = 16 * 2 ** 20;
/** Columns of decoded fields; what has more fields tells the others nowhere. */
const MOST_FIELDS = 500;
const UDP_HEADER = 8;
const IP_HEADERS = { 4: 20, 16: 40 } as const;

const MAGIC = new TextEncoder().encode("PAR1");
const OPTIONAL = 1;

const { bytes, double, int32, int64 } = ParquetType;
const TEXT = { type: bytes, converted: ConvertedType.utf8 } as const;
type Value = number | boolean | string | Uint8Array | undefined;

/** What each column has of a datagram, by Wireshark's name for it; what a datagram has not is null. Times are UTC. */
const COLUMNS: Readonly<
  Record<string, Omit<ParquetSchema, "name"> & { readonly of: (it: ExportedDatagram) => Value }>
> = {
  "frame.number": { type: int64, of: ({ number }) => number },
  "frame.time": {
    type: int64,
    converted: ConvertedType.timestampMicros,
    of: ({ time }) => time,
  },
  "frame.len": { type: int32, of: (it) => headersOf(it) + it.length },
  "frame.cap_len": { type: int32, of: (it) => headersOf(it) + it.payload.length },
  "frame.packet_flags_direction": { type: int32, of: ({ direction }) => direction },
  "frame.interface_name": { ...TEXT, of: (it) => textOf(it.interface.name) },
  "frame.interface_description": { ...TEXT, of: (it) => textOf(it.interface.description) },
  "frame.comment": { ...TEXT, of: ({ comment }) => textOf(comment) },
  "ip.src": { ...TEXT, of: ({ flow, source }) => ofFamily(flow, 4, source.address) },
  "ip.dst": { ...TEXT, of: ({ flow, destination }) => ofFamily(flow, 4, destination.address) },
  "ipv6.src": { ...TEXT, of: ({ flow, source }) => ofFamily(flow, 16, source.address) },
  "ipv6.dst": { ...TEXT, of: ({ flow, destination }) => ofFamily(flow, 16, destination.address) },
  "udp.srcport": { type: int32, of: ({ source }) => source.port },
  "udp.dstport": { type: int32, of: ({ destination }) => destination.port },
  "udp.length": { type: int32, of: ({ length }) => length + UDP_HEADER },
  "udp.payload": { type: bytes, of: ({ payload }) => payload },
  "udp_workbench.outcome": { ...TEXT, of: ({ outcome }) => outcome.word || undefined },
  "udp_workbench.delay": {
    type: double,
    of: ({ outcome: { delay } }) => (delay === undefined ? undefined : delay / 1e6),
  },
  "udp_workbench.decoder": { ...TEXT, of: ({ decoded }) => decoded?.decoder },
};

/**
 * Writes datagrams as Apache Parquet, which DuckDB, Spark, ClickHouse and pandas read: a column for each of Wireshark's fields that
 * we know, and one for each field that a decoder finds, `sensor.temp`: numbers as numbers. Where a field is once a number and
 * once a text, the texts are in `sensor.temp_text`. Pages are plain and not compressed.
 */
export async function* exportParquet(
  source: ExportSource,
  application: string,
): AsyncGenerator<Uint8Array, void> {
  const file = new ParquetFile(application);
  yield file.place(MAGIC);
  for await (const datagram of exportedDatagrams(source)) {
    file.add(datagram);
    if (file.isFull) yield* file.finishGroup();
  }
  yield* file.finishGroup();
  yield* file.finish();
}

class ParquetFile {
  readonly #application: string;
  readonly #columns = new Map<string, ParquetColumn>();
  readonly #groups: { readonly rows: number; readonly chunks: (WrittenChunk | undefined)[] }[] = [];
  #offset = 0;
  #rows = 0;
  #written = 0;

  constructor(application: string) {
    this.#application = application;
    for (const [name, { of: _, ...schema }] of Object.entries(COLUMNS)) {
      this.#columns.set(name, new ParquetColumn({ name, ...schema }));
    }
  }

  get isFull(): boolean {
    if (this.#rows >= MOST_ROWS) return true;
    // Asked now and then: there may be hundreds of columns.
    if (this.#rows % 256 !== 0) return false;
    let size = 0;
    for (const column of this.#columns.values()) size += column.size;
    return size >= MOST_BYTES;
  }

  /** These bytes are written next. */
  place(chunk: Uint8Array): Uint8Array {
    this.#offset += chunk.length;
    return chunk;
  }

  add(datagram: ExportedDatagram): void {
    const row = this.#rows++;
    for (const [name, { of }] of Object.entries(COLUMNS)) {
      const value = of(datagram);
      if (value !== undefined) this.#columns.get(name)?.set(row, value);
    }
    const { decoded } = datagram;
    const seen = new Set<ParquetColumn>();
    for (const { path, value, text } of decoded?.fields ?? []) {
      // Of what only holds other fields there is nothing to tell.
      if (text === "") continue;
      const dot = path.startsWith("[") ? "" : ".";
      const column = this.#fieldColumn(`${decoded?.decoder}${dot}${path}`, typeof value);
      if (!column || seen.has(column)) continue;
      seen.add(column);
      column.set(row, value);
    }
  }

  *finishGroup(): Generator<Uint8Array> {
    const rows = this.#rows;
    if (rows === 0) return;
    const chunks: WrittenChunk[] = [];
    for (const column of this.#columns.values()) {
      const offset = this.#offset;
      const page = column.page(rows);
      chunks.push({ offset, bytes: page.length, values: rows });
      yield this.place(page);
    }
    this.#groups.push({ rows, chunks });
    this.#rows = 0;
    this.#written += rows;
  }

  /** What was found later than a row group was written is nowhere in that: pages without a value say so. Then what is where. */
  *finish(): Generator<Uint8Array> {
    const columns = [...this.#columns.values()];
    for (const { rows, chunks } of this.#groups) {
      for (const [place, column] of columns.entries()) {
        if (chunks[place]) continue;
        const offset = this.#offset;
        const page = column.page(rows);
        chunks[place] = { offset, bytes: page.length, values: rows };
        yield this.place(page);
      }
    }
    const footer = this.#footer(columns.map(({ schema }) => schema));
    const end = new Uint8Array(4);
    new DataView(end.buffer).setUint32(0, footer.length, true);
    yield footer;
    yield end;
    yield MAGIC;
  }

  #footer(schemas: readonly ParquetSchema[]): Uint8Array {
    const root = (it: ThriftWriter) => it.text(4, "schema").int32(5, schemas.length);
    const leaf =
      ({ name, type, converted }: ParquetSchema) =>
      (it: ThriftWriter) => {
        const element = it.int32(1, type).int32(3, OPTIONAL).text(4, name);
        return converted === undefined ? element : element.int32(6, converted);
      };
    const groups = this.#groups.map(({ rows, chunks }) => (it: ThriftWriter) => {
      const known = chunks.flatMap((chunk) => (chunk ? [chunk] : []));
      const size = known.reduce((sum, { bytes: of }) => sum + of, 0);
      const metadata = known.flatMap((chunk, place) => {
        const schema = schemas[place];
        return schema ? [chunkMetadata(schema, chunk)] : [];
      });
      return it.structList(1, metadata).int64(2, size).int64(3, rows);
    });
    return new ThriftWriter()
      .int32(1, 1)
      .structList(2, [root, ...schemas.map(leaf)])
      .int64(3, this.#written)
      .structList(4, groups)
      .text(6, this.#application)
      .done();
  }

  /** The column of a field whose values are such; undefined where there are too many. */
  #fieldColumn(name: string, kind: string): ParquetColumn | undefined {
    const shown = printable(name, { limit: 300 });
    const own = SCHEMA_OF[kind] ?? TEXT;
    const known = this.#columns.get(shown);
    if (known?.schema.type === own.type) return known;
    const key = known ? `${shown}_${own.type === bytes ? "text" : kind}` : shown;
    const other = this.#columns.get(key);
    if (other) return other.schema.type === own.type ? other : undefined;
    if (this.#columns.size >= Object.keys(COLUMNS).length + MOST_FIELDS) return undefined;
    const made = new ParquetColumn({ name: key, ...own });
    this.#columns.set(key, made);
    return made;
  }
}

/** How values of fields are kept. */
const SCHEMA_OF: Readonly<Record<string, Omit<ParquetSchema, "name">>> = {
  number: { type: double },
  boolean: { type: ParquetType.boolean },
};

function headersOf({ flow }: ExportedDatagram): number {
  return IP_HEADERS[flow.sourceAddress.length === 4 ? 4 : 16] + UDP_HEADER;
}

function ofFamily(
  { sourceAddress }: ExportedDatagram["flow"],
  length: 4 | 16,
  address: string,
): string | undefined {
  return sourceAddress.length === length ? address : undefined;
}

function textOf(text: string): string | undefined {
  return text === "" ? undefined : printable(text);
}
