import { writeSync } from "node:fs";
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGunzip, type Gunzip } from "node:zlib";

/** Bytes that are unpacked at once; when they are damaged, what was unpacked of them is not kept. */
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
  readonly #path: string;
  readonly #packed: FileHandle;
  readonly #folder: string;
  readonly #limit: number;
  readonly #gunzip: Gunzip;
  readonly #closed: Promise<void>;
  readonly #piece = new Uint8Array(PIECE_BYTES);
  #taken = 0;
  #size = 0;
  #problem: string | undefined;

  /** Takes over `packed`, which {@link close} closes. At most `limit` bytes are unpacked: a small file can hold terabytes. */
  static async create(path: string, packed: FileHandle, limit: number): Promise<UnpackedFile> {
    // mkdtemp makes the folder for this user only.
    const folder = await mkdtemp(join(tmpdir(), "udp-workbench-"));
    const handle = await open(join(folder, "unpacked"), "wx+", 0o600);
    // An open file needs no name on most systems, and then nothing is left behind by a crash. Windows wants to keep it.
    await rm(folder, { recursive: true }).catch(() => {});
    return new UnpackedFile(path, packed, handle, folder, limit);
  }

  private constructor(
    path: string,
    packed: FileHandle,
    handle: FileHandle,
    folder: string,
    limit: number,
  ) {
    this.#path = path;
    this.handle = handle;
    this.#packed = packed;
    this.#folder = folder;
    this.#limit = limit;
    this.#gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
    this.#gunzip.on("data", (bytes: Buffer) => this.#keep(bytes));
    this.#gunzip.on("error", (error) => this.#fail(error.message));
    this.#closed = new Promise((resolve) => this.#gunzip.once("close", resolve));
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
  get problem(): string | undefined {
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
    const written = new Promise<void>((resolve) => {
      this.#gunzip.write(this.#piece.subarray(0, bytesRead), () => resolve());
    });
    // After an error nobody calls back.
    await Promise.race([written, this.#closed]);
    this.#taken += bytesRead;
    return this.#problem === undefined;
  }

  async close(): Promise<void> {
    this.#gunzip.destroy();
    await this.#packed.close();
    await this.handle.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Called for all that zlib has before it takes more: writing at once keeps the memory flat. */
  #keep(bytes: Uint8Array): void {
    if (this.#problem !== undefined) return;
    if (this.#size + bytes.length > this.#limit) {
      this.#fail(`it holds more than ${this.#limit} bytes; unpack it yourself and open the result`);
      return;
    }
    try {
      writeSync(this.handle.fd, bytes, 0, bytes.length, this.#size);
      this.#size += bytes.length;
    } catch (error) {
      this.#fail((error as Error).message);
    }
  }

  #fail(reason: string): void {
    this.#problem ??= `Cannot unpack ${this.#path} behind byte ${this.#size} of its content: ${reason}`;
    this.#gunzip.destroy();
  }
}
