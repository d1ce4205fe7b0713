import { closeSync, existsSync, openSync, readSync } from "node:fs";

/**
 * Hands over what is appended to a file, ten times a second, from the moment it is there; a last time when told to
 * stop. Returns the function that stops it.
 */
export function followFile(path: string, take: (bytes: Uint8Array) => void): () => void {
  let offset = 0;
  const chunk = new Uint8Array(1 << 16);
  const read = () => {
    if (!existsSync(path)) return;
    const file = openSync(path, "r");
    for (let length = -1; length !== 0; offset += length) {
      length = readSync(file, chunk, 0, chunk.length, offset);
      take(chunk.slice(0, length));
    }
    closeSync(file);
  };
  const timer = setInterval(read, 100);
  return () => {
    clearInterval(timer);
    read();
  };
}
