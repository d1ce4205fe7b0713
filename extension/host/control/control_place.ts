import { randomBytes, randomUUID } from "node:crypto";
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import {
  CONTROL_VARIABLE,
  MOST_PATH_BYTES,
  TOKEN_VARIABLE,
} from "../../core/wire/control_variables.ts";
import { isPrivateFolder } from "../base/private_folder.ts";
import { isAlive } from "../system/processes.ts";

const FILE = "control.json";
const PREFIX = "uwb-";
/** The longest name that a program gives its socket: `4194304.999`. */
const MOST_NAME_BYTES = 12;

interface KnownPlace {
  readonly place: string;
  readonly token: string;
}

/**
 * Where a workspace's programs listen for requests, and the token that these must know. Each program listens for itself
 * and a window calls: so any window on the workspace, also after a reload, reaches the programs that were started before
 * without a word from them. Sockets need a short path, which the capture folder has not: they are in a folder of their
 * own, and the capture folder, which is as private, says where.
 */
export class ControlPlace {
  /** What the path of each program's socket begins with. */
  readonly place: string;
  readonly token: string;

  private constructor(place: string, token: string) {
    this.place = place;
    this.token = token;
  }

  /**
   * The place of this capture folder, the same for all windows, made if there is none (any more); undefined where none
   * can be made.
   */
  static async open(captureFolder: string): Promise<ControlPlace | undefined> {
    try {
      const path = join(captureFolder, FILE);
      const known = await readPlace(path);
      const isFit = known !== undefined && (await isPrivatePlace(known.place, "make"));
      if (known && !isFit) await rm(path, { force: true });
      const { place, token } = isFit ? known : await makePlace(path);
      await removeStale(place);
      return new ControlPlace(place, token);
    } catch {
      return undefined; // Datagrams are sent from sockets of our own then.
    }
  }

  /** What a program has to be told in its environment. */
  get environment(): Record<string, string> {
    return { [CONTROL_VARIABLE]: this.place, [TOKEN_VARIABLE]: this.token };
  }

  /**
   * Removes what was made for this capture folder, which nobody opens again, unless a program listens there. Until then
   * it stays, so that nobody else takes its name.
   */
  static async remove(captureFolder: string): Promise<void> {
    const known = await readPlace(join(captureFolder, FILE));
    if (!known || process.platform === "win32" || !(await isPrivatePlace(known.place))) return;
    await removeStale(known.place);
    // A program may listen there.
    await rmdir(known.place).catch(() => {});
  }
}

/** Programs that were killed could not remove theirs. */
async function removeStale(place: string): Promise<void> {
  if (process.platform === "win32") return;
  for (const name of await readdir(place).catch(() => [])) {
    const [pid] = /^\d{1,10}(?=(\.\d+)?$)/.exec(name) ?? [];
    if (pid && !isAlive(Number(pid))) await rm(join(place, name), { force: true });
  }
}

/** Makes a place and notes it in the file at `path`; of several windows that do so at once, the first has its way. */
async function makePlace(path: string): Promise<KnownPlace> {
  const place = process.platform === "win32" ? pipePrefix() : await makeFolder();
  const made = { place, token: randomBytes(32).toString("hex") };
  const note = `${path}.${randomUUID()}`;
  await writeFile(note, JSON.stringify(made), { mode: 0o600 });
  try {
    // Only where there is nothing yet, and all of it at once.
    await link(note, path);
    return made;
  } catch {
    const first = await readPlace(path);
    if (!first) {
      // It makes no sense, or this disk knows no links.
      await rename(note, path);
      return made;
    }
    if (process.platform !== "win32") await rmdir(place);
    return first;
  } finally {
    await rm(note, { force: true });
  }
}

function pipePrefix(): string {
  return `\\\\.\\pipe\\udp-workbench-${randomUUID()}-`;
}

/** A folder that only this user can look into, with a path that is short enough; throws where there is none. */
async function makeFolder(): Promise<string> {
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
  throw new Error("No private folder");
}

/** What a window has noted; undefined where that is nothing that it could have. */
async function readPlace(path: string): Promise<KnownPlace | undefined> {
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
