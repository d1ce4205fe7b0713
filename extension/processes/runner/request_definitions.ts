import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { inflateSync } from "node:zlib";
import type { Definitions, RequestFile } from "../../../scripts/udp_run.ts";
import { NamedDefinitions } from "../../core/kaitai/named_definitions.ts";

/** Largest file of a definition: what is longer is refused. */
const MOST_BYTES = 2 * 1024 * 1024;

/** Reads the definitions that a request file uses: their paths begin at its folder. */
export function requestDefinitions({ path, uses }: RequestFile): Promise<Definitions> {
  const folder = dirname(path);
  const read = async (name: string) => {
    const place = resolve(folder, name);
    try {
      if ((await stat(place)).size > MOST_BYTES) return undefined;
      return await readFile(place, "utf8");
    } catch {
      return undefined;
    }
  };
  return NamedDefinitions.load(uses, { read, inflate });
}

function inflate(bytes: Uint8Array, limit: number): Uint8Array | undefined {
  try {
    return new Uint8Array(inflateSync(bytes, { maxOutputLength: limit }));
  } catch {
    return undefined;
  }
}
