import { randomBytes, randomUUID } from "node:crypto";
import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import {
  CONTROL_VARIABLE,
  MOST_PATH_BYTES,
  TOKEN_VARIABLE,
} from "../../core/wire/control_message.ts";
import { isPrivateFolder } from "../base/private_folder.ts";
import { isAlive } from "../system/processes.ts";

const FILE = "control.json";
const PREFIX = "uwb-";
/** The longest name that a program gives its socket: `4194304.999`. */
const MOST_NAME_BYTES = 12;

/**
 * Where this window's programs listen for its requests, and the token that these must know. Each program listens for
 * itself and the window calls: so a window that was reloaded, or whose extension host has crashed, reaches the programs
 * that it started before without a word from them. Sockets need a short path, which the capture folder has not: they
 * are in a folder of their own, and the capture folder, which is as private, says where.
 */
export class ControlPlace {
  /** What the path of each program's socket begins with. */
  readonly place: string;
  readonly token: string;

  private constructor(place: string, token: string) {
    this.place = place;
    this.token = token;
  }

  /** The place of this capture folder, made if there is none (any more); undefined where none can be made. */
  static async open(captureFolder: string): Promise<ControlPlace | undefined> {
    const path = join(captureFolder, FILE);
    const known = await readPlace(path);
    if (known && (await isPrivatePlace(known.place, "make"))) {
      const place = new ControlPlace(known.place, known.token);
      place.#removeStale();
      return place;
    }
    try {
      const place = process.platform === "win32" ? pipePrefix() : await makeFolder();
      if (place === undefined) return undefined;
      const token = randomBytes(32).toString("hex");
      await writeFile(`${path}.new`, JSON.stringify({ place, token }), { mode: 0o600 });
      await rename(`${path}.new`, path);
      return new ControlPlace(place, token);
    } catch {
      return undefined; // Datagrams are sent from sockets of our own then.
    }
  }

  /** What a program has to be told in its environment. */
  get environment(): Record<string, string> {
    return { [CONTROL_VARIABLE]: this.place, [TOKEN_VARIABLE]: this.token };
  }

  /** Removes what an earlier life of a window, which nobody opens again, has left for this capture folder. */
  static async remove(captureFolder: string): Promise<void> {
    const known = await readPlace(join(captureFolder, FILE));
    if (!known || !(await isPrivatePlace(known.place))) return;
    new ControlPlace(known.place, known.token).dispose();
  }

  /**
   * Removes the folder unless a program listens in it; at once, because an extension host that ends waits for nothing.
   * The window, and a terminal that knows the path, have it again after a reload: it is made anew under its name.
   */
  dispose(): void {
    if (process.platform === "win32") return;
    this.#removeStale();
    try {
      rmdirSync(this.place);
    } catch {
      // A program listens there.
    }
  }

  /** Programs that were killed could not remove theirs. */
  #removeStale(): void {
    if (process.platform === "win32") return;
    try {
      for (const name of readdirSync(this.place)) {
        const [pid] = /^\d{1,10}(?=(\.\d+)?$)/.exec(name) ?? [];
        if (pid && !isAlive(Number(pid))) rmSync(join(this.place, name), { force: true });
      }
    } catch {
      // Somebody has cleaned up.
    }
  }
}

function pipePrefix(): string {
  return `\\\\.\\pipe\\udp-workbench-${randomUUID()}-`;
}

/** A folder that only this user can look into, with a path that is short enough; undefined where there is none. */
async function makeFolder(): Promise<string | undefined> {
  const { XDG_RUNTIME_DIR: runtime } = process.env;
  for (const parent of [runtime, tmpdir(), "/tmp"]) {
    if (!parent || !isAbsolute(parent)) continue;
    const prefix = join(parent, PREFIX);
    if (Buffer.byteLength(prefix) + "XXXXXX/".length + MOST_NAME_BYTES > MOST_PATH_BYTES) continue;
    try {
      const folder = await mkdtemp(prefix);
      await chmod(folder, 0o700);
      return `${folder}/`;
    } catch {
      // Perhaps the next one is there and can be written to.
    }
  }
  return undefined;
}

/** What an earlier life of the window has noted; undefined where that is nothing that it could have. */
async function readPlace(path: string): Promise<{ place: string; token: string } | undefined> {
  try {
    const { place, token } = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
    if (typeof place !== "string" || typeof token !== "string" || token.length !== 64) {
      return undefined;
    }
    const isOurs =
      process.platform === "win32" || (isAbsolute(place) && basename(place).startsWith(PREFIX));
    return isOurs ? { place, token } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it is there, this user's and nobody else's; `make` makes it where there is nothing of that name. */
async function isPrivatePlace(place: string, make?: "make"): Promise<boolean> {
  if (process.platform === "win32") return true;
  // Whatever another user has put there stays as it is, and is found out below.
  if (make) await mkdir(place, { mode: 0o700 }).catch(() => {});
  return isPrivateFolder(place);
}
