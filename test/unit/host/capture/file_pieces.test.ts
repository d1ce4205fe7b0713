import assert from "node:assert/strict";
import fc from "fast-check";
import { FilePieces, PIECE_BYTES } from "../../../../extension/host/capture/file_pieces.ts";

/** A file in memory, of which `shown` bytes can be read, and from where on it was asked for. */
function memoryFile(content: Uint8Array, shown = content.length) {
  const asked: number[] = [];
  const file = {
    shown,
    asked,
    read: async (buffer: Uint8Array, offset: number, length: number, position: number) => {
      asked.push(position);
      await undefined;
      const part = content.subarray(position, Math.min(position + length, file.shown));
      buffer.set(part, offset);
      return { bytesRead: part.length };
    },
    close: async () => {},
  };
  return file;
}

/** No two pieces of it are alike. */
function counted(length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let at = 0; at < words.length; at++) words[at] = at;
  return new Uint8Array(words.buffer, 0, length);
}

describe("FilePieces", () => {
  const content = counted(5 * PIECE_BYTES + 12_345);

  it("hands over each byte of the file once it is taken, however much of a piece is taken, and however it grows", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: content.length }),
        fc.array(
          fc.record({
            left: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: PIECE_BYTES })),
            grown: fc.oneof(fc.constant(0), fc.nat({ max: PIECE_BYTES })),
            rests: fc.boolean(),
          }),
          { maxLength: 12 },
        ),
        async (shown, steps) => {
          const file = memoryFile(content, shown);
          const pieces = new FilePieces(file);
          let offset = 0;
          const look = async (left: number) => {
            const { bytes, hasMore } = await pieces.read(offset);
            const end = offset + bytes.length;
            assert.ok(Buffer.compare(bytes, content.subarray(offset, end)) === 0, `${offset}`);
            assert.ok(hasMore || end === file.shown, `${end} of ${file.shown}`);
            offset = Math.max(offset, end - left);
            return hasMore;
          };
          for (const { left, grown, rests } of steps) {
            await look(left);
            file.shown = Math.min(content.length, file.shown + grown);
            if (rests) pieces.rest();
          }
          while (await look(0));
          assert.equal(offset, file.shown);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("reads the next piece while one is looked at", async () => {
    const file = memoryFile(content);
    const pieces = new FilePieces(file);
    const isAhead: boolean[] = [];
    let offset = 0;
    for (let more = true; more; ) {
      const { bytes, hasMore } = await pieces.read(offset);
      offset += bytes.length;
      more = hasMore;
      if (bytes.length > 0) isAhead.push(file.asked.at(-1) === offset);
    }
    // Small ones first; behind the last one, which is not full, there may be none.
    const all = Array<boolean>(isAhead.length - 4).fill(true);
    assert.deepEqual(isAhead, [false, false, false, ...all, false]);
    assert.ok(all.length >= 4);
  });

  it("reads more where nothing of a piece could be taken, and as little as before behind that", async () => {
    const file = memoryFile(content);
    const pieces = new FilePieces(file);
    const { bytes: first } = await pieces.read(0);
    const { bytes: second } = await pieces.read(0);
    assert.ok(second.length > first.length);
    let length = second.length;
    while (length < 4 * PIECE_BYTES) length = (await pieces.read(0)).bytes.length;
    const { bytes } = await pieces.read(length - 100);
    assert.equal(bytes.length, PIECE_BYTES);
  });

  it("rejects with the system's error where it cannot be read, ahead or not, and goes on when it can", async () => {
    const file = memoryFile(content);
    const { read } = file;
    const pieces = new FilePieces(file);
    let offset = 0;
    while (offset < 2 * PIECE_BYTES) offset += (await pieces.read(offset)).bytes.length;
    file.read = async () => {
      throw new Error("EIO");
    };
    // What was read ahead before is there.
    offset += (await pieces.read(offset)).bytes.length;
    await assert.rejects(pieces.read(offset), /EIO/);
    await assert.rejects(pieces.read(offset), /EIO/);
    file.read = read;
    for (let more = true; more; ) {
      const piece = await pieces.read(offset);
      offset += piece.bytes.length;
      more = piece.hasMore;
    }
    assert.equal(offset, content.length);
  });
});
