import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { type LoadedDefinition, loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";

/** Kaitai Struct's own tests; see the README beside them. */
export const TESTS = new URL("../../../data/kaitai-tests/", import.meta.url);

export function textOf(url: URL): string | undefined {
  try {
    return readFileSync(url, "utf8");
  } catch {
    return undefined;
  }
}

export function inflate(bytes: Uint8Array, limit: number): Uint8Array | undefined {
  try {
    return new Uint8Array(inflateSync(bytes, { maxOutputLength: limit }));
  } catch {
    return undefined;
  }
}

/** What Kaitai's tests import from the gallery of formats: a number of 7 bits a byte, the lowest first. */
const VLQ = `
meta:
  id: vlq_base128_le
seq:
  - id: groups
    type: group
    repeat: until
    repeat-until: not _.has_next
types:
  group:
    seq:
      - id: has_next
        type: b1
      - id: value
        type: b7
instances:
  value:
    value: 'groups.size == 1 ? groups[0].value : groups[0].value + (groups[1].value << 7)'
`;

/** A definition of a folder of Kaitai's tests, with what it imports from there. */
export function loadTestDefinition(folder: string, name: string): Promise<LoadedDefinition> {
  const base = new URL(`${folder}/`, TESTS);
  const path = `${name}.ksy`;
  return loadDefinition(path, textOf(new URL(path, base)) ?? "", {
    inflate,
    read: async (imported) =>
      imported === "/common/vlq_base128_le.ksy"
        ? VLQ
        : textOf(new URL(imported.startsWith("/") ? `ks_path${imported}` : imported, base)),
  });
}

/** A definition that is written in a test. */
export async function definitionOf(text: string) {
  const { definition, problems } = await loadDefinition("test.ksy", text, { inflate });
  if (!definition) throw new Error(problems.map(({ problem }) => problem).join("\n"));
  return definition;
}
