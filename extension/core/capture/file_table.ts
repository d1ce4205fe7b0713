/** A file, or a part of one that is too large for the 32 bits of an offset in the index. */
export interface FilePart {
  readonly path: string;
  /** Where in the file the part starts. */
  readonly start: number;
  /** The number of the file that it is a part of; its own for the first part. */
  readonly of: number;
  /** Interface id of the file → {@link SocketTable} place; all parts have that of the first one. */
  readonly sockets: number[];
}

/** Bytes that one number of a {@link FileTable} can tell. */
export const MAX_FILE_PART = 2 ** 32;

/** The files of a capture, by numbers that are never given twice. */
export class FileTable {
  readonly #parts = new Map<number, FilePart>();
  #next = 0;

  /** Registers a file and returns its number. */
  add(path: string): number {
    this.#parts.set(this.#next, { path, start: 0, of: this.#next, sockets: [] });
    return this.#next++;
  }

  /** Registers the part of a file that starts at that byte, because it lies {@link MAX_FILE_PART} or more behind. */
  addPart(file: number, start: number): number {
    const { path, of, sockets } = this.get(file);
    this.#parts.set(this.#next, { path, start, of, sockets });
    return this.#next++;
  }

  get(number: number): FilePart {
    const part = this.#parts.get(number);
    if (!part) throw new RangeError(`Cannot find capture file ${number}`);
    return part;
  }

  /** The parts of files, by their numbers; none of files that are not there any more. */
  partsOf(files: ReadonlySet<number>): ReadonlyMap<number, FilePart> {
    const parts = new Map<number, FilePart>();
    for (const [number, part] of this.#parts) if (files.has(part.of)) parts.set(number, part);
    return parts;
  }

  /** Takes them out. */
  remove(parts: ReadonlyMap<number, unknown>): void {
    for (const number of parts.keys()) this.#parts.delete(number);
  }
}
