import { writeSync } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGunzip, type Gunzip } from "node:zlib";
import { type CaptureProblem, captureProblem } from "../../core/files/problem.ts";
import type { ReadableFile } from "./open_files.ts";

/** Bytes that are unpacked at once. */
const PIECE_BYTES = 16 * 1024;
/** Bytes that zlib hands over at once. */
const OUTPUT_BYTES = 256 * 1024;

/**
 * What is in a gzip file, unpacked piece by piece into a temporary file that nobody else can open: packets are read
 * from any place, and gzip can only be read from its start.
 */
export class UnpackedFile {
  /** Holds what has been unpacked so far. */
  readonly handle: FileHandle;
  readonly #packed: ReadableFile;
  readonly #folder: string;
  readonly #limit: number;
  #gunzip: Gunzip;
  #closed: Promise<void>;
  readonly #piece = new Uint8Array(PIECE_BYTES);
  #taken = 0;
  /** What was unpacked already, and comes once more. */
  #skipped = 0;
  #size = 0;
  #problem: CaptureProblem | undefined;

  /** Takes over `packed`, which {@link close} closes. At most `limit` bytes are unpacked: a small file can hold terabytes. */
  static async create(packed: ReadableFile, limit: number): Promise<UnpackedFile> {
    // mkdtemp makes the folder for this user only.
    const folder = await mkdtemp(join(tmpdir(), "udp-workbench-"));
    const handle = await open(join(folder, "unpacked"), "wx+", 0o600);
    // An open file needs no name on most systems, and then nothing is left behind by a crash. Windows wants to keep it.
    await rm(folder, { recursive: true }).catch(() => {});
    return new UnpackedFile(packed, handle, folder, limit);
  }

  private constructor(packed: ReadableFile, handle: FileHandle, folder: string, limit: number) {
    this.handle = handle;
    this.#packed = packed;
    this.#folder = folder;
    this.#limit = limit;
    this.#gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
    this.#closed = this.#follow();
  }

  /** Bytes unpacked so far. */
  get size(): number {
    return this.#size;
  }

  /** Packed bytes that were taken in so far. */
  get taken(): number {
    return this.#taken;
  }

  /** Why unpacking ended before the end, or undefined. */
  get problem(): CaptureProblem | undefined {
    return this.#problem;
  }

  /** Unpacks some more. False when there is no more, or a problem. */
  async unpackOn(): Promise<boolean> {
    if (this.#gunzip.destroyed) return false;
    const { bytesRead } = await this.#packed.read(this.#piece, 0, PIECE_BYTES, this.#taken);
    if (bytesRead === 0) {
      this.#gunzip.end();
      await this.#closed;
      return false;
    }
    await this.#unpack(this.#piece.subarray(0, bytesRead));
    if (this.#problem?.code === "gzipDamaged") await this.#unpackBeforeFault(bytesRead);
    this.#taken += bytesRead;
    return this.#problem === undefined;
  }

  async #unpack(packed: Uint8Array): Promise<void> {
    const written = new Promise<void>((resolve) => {
      this.#gunzip.write(packed, () => resolve());
    });
    // After an error nobody calls back.
    await Promise.race([written, this.#closed]);
  }

  /**
   * zlib throws away what it had unpacked of the piece in which it finds a fault: once more from the start, and that
   * piece byte by byte, so that all that stands before the fault is kept. The fault is often in the last bytes, where
   * the sum of all is.
   */
  async #unpackBeforeFault(faulty: number): Promise<void> {
    const again = new Uint8Array(PIECE_BYTES);
    this.#problem = undefined;
    this.#skipped = this.#size;
    this.#gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
    this.#closed = this.#follow();
    for (let at = 0; at < this.#taken && !this.#gunzip.destroyed; ) {
      const { bytesRead } = await this.#packed.read(again, 0, PIECE_BYTES, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      await this.#unpack(again.subarray(0, bytesRead));
    }
    for (let at = 0; at < faulty && !this.#gunzip.destroyed; at++) {
      await this.#unpack(this.#piece.subarray(at, at + 1));
    }
  }

  #follow(): Promise<void> {
    const gunzip = this.#gunzip;
    gunzip.on("data", (bytes: Buffer) => this.#keep(bytes));
    gunzip.on("error", ({ code }: NodeJS.ErrnoException) => {
      this.#fail(captureProblem(code === "Z_BUF_ERROR" ? "gzipCut" : "gzipDamaged", this.#size));
    });
    return new Promise((resolve) => gunzip.once("close", resolve));
  }

  async close(): Promise<void> {
    this.#gunzip.destroy();
    await this.#packed.close();
    await this.handle.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Called for all that zlib has before it takes more: writing at once keeps the memory flat. */
  #keep(unpacked: Uint8Array): void {
    if (this.#problem !== undefined) return;
    const bytes = unpacked.subarray(this.#skipped);
    this.#skipped -= unpacked.length - bytes.length;
    if (this.#size + bytes.length > this.#limit) {
      this.#fail(captureProblem("gzipTooLarge", this.#size, this.#limit));
      return;
    }
    try {
      // A disk that is nearly full takes a part of it.
      for (let written = 0; written < bytes.length; ) {
        const taken = writeSync(this.handle.fd, bytes, written, undefined, this.#size);
        written += taken;
        this.#size += taken;
      }
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      this.#fail(captureProblem("gzipNoRoom", this.#size, code));
    }
  }

  #fail(problem: CaptureProblem): void {
    this.#problem ??= problem;
    this.#gunzip.destroy();
  }
}
