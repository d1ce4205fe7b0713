/** Written at once: large enough to be quick, small enough to keep memory flat. */
const CHUNK_CHARACTERS = 1 << 18;

/** Lines as UTF-8, many in a chunk; each line brings its end. */
export async function* textChunks(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  let text = "";
  for await (const line of lines) {
    text += line;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield encoder.encode(text);
    text = "";
  }
  if (text !== "") yield encoder.encode(text);
}
