import type { Encoding } from "../encodings.ts";

/** Character → its bytes, of encodings that are read by a table or by TextDecoder; made when first asked for. */
const reversed = new Map<string, ReadonlyMap<string, Uint8Array>>();

/** The bytes of a text; undefined where the encoding lacks one of its characters. */
export function textBytes(text: string, encoding: Encoding): Uint8Array | undefined {
  const { name } = encoding;
  if (name === "UTF-8") return new TextEncoder().encode(text);
  const bytes: number[] = [];
  const isLittle = name.endsWith("LE");
  if (name.startsWith("UTF-16")) {
    for (let at = 0; at < text.length; at++) pushInteger(bytes, text.charCodeAt(at), 2, isLittle);
    return Uint8Array.from(bytes);
  }
  if (name.startsWith("UTF-32")) {
    for (const character of text) {
      pushInteger(bytes, character.codePointAt(0) ?? 0, 4, isLittle);
    }
    return Uint8Array.from(bytes);
  }
  let table = reversed.get(name);
  if (!table) {
    table = reverse(encoding);
    reversed.set(name, table);
  }
  for (const character of text) {
    const own = table.get(character);
    if (!own) return undefined;
    bytes.push(...own);
  }
  return Uint8Array.from(bytes);
}

function pushInteger(bytes: number[], value: number, size: number, isLittle: boolean): void {
  for (let at = 0; at < size; at++) {
    bytes.push((value >>> (8 * (isLittle ? at : size - 1 - at))) & 255);
  }
}

/** All characters of one byte, then those of two: what needs more is in none of the encodings' usual texts. */
function reverse({ decode }: Encoding): Map<string, Uint8Array> {
  const table = new Map<string, Uint8Array>();
  const add = (bytes: Uint8Array) => {
    const text = decode(bytes);
    const isOne = [...text].length === 1 && text !== "\ufffd";
    if (isOne && !table.has(text)) table.set(text, bytes);
  };
  for (let byte = 0; byte < 256; byte++) add(Uint8Array.of(byte));
  if (table.size > 200) return table;
  for (let lead = 0x81; lead < 0xff; lead++) {
    for (let trail = 0x40; trail < 0xff; trail++) add(Uint8Array.of(lead, trail));
  }
  return table;
}
