import { GONE, type StoredPayloads } from "./datagram_table.ts";

/** Datagrams with ids in a row whose payloads lie one behind the other in a file. */
export interface PayloadStretch {
  readonly firstId: number;
  readonly path: string;
  /** Bytes from the start of the file to where `offsets` count from. */
  readonly start: number;
  readonly offsets: ArrayLike<number>;
  readonly lengths: ArrayLike<number>;
  /** Of one datagram that lies in several pieces: offset in the file and length of one after the other. */
  readonly pieces?: Float64Array;
}

/**
 * Where the payloads of the datagrams `from` to `to - 1` lie, as long stretches of the index: valid until the next
 * datagram is given up. `endId` of the capture is the id behind the last one.
 */
export function payloadStretches(
  stored: StoredPayloads,
  from: number,
  to: number,
): PayloadStretch[] {
  const { columns, ids, files, long, placeFrom } = stored;
  const { file, offset, capturedLength } = columns;
  const stretches: PayloadStretch[] = [];
  const end = placeFrom(to);
  for (let index = placeFrom(from); index < end; ) {
    const number = file[index] ?? GONE;
    const firstId = ids.at(index);
    const own = long.get(firstId);
    const behind = own ? index + 1 : stretchEnd(stored, index, end);
    if (number !== GONE) {
      const { path, start } = files.get(number);
      stretches.push(
        own
          ? {
              firstId,
              path,
              start: 0,
              offsets: [0],
              lengths: [own.capturedLength],
              pieces: own.pieces,
            }
          : {
              firstId,
              path,
              start,
              offsets: offset.subarray(index, behind),
              lengths: capturedLength.subarray(index, behind),
            },
      );
    }
    index = behind;
  }
  return stretches;
}

/** The place behind those that one stretch holds from `index` on: of one file, in its order, their ids one by one. */
function stretchEnd({ columns, ids, long }: StoredPayloads, index: number, end: number): number {
  const { file, offset } = columns;
  const number = file[index];
  let last = offset[index] ?? 0;
  let behind = index + 1;
  for (; behind < end && file[behind] === number; behind++) {
    const place = offset[behind] ?? 0;
    // A merged file may tell of packets that lie before the ones before them.
    if (place < last) break;
    if (behind <= ids.early && ids.at(behind) !== ids.at(behind - 1) + 1) break;
    if (long.size > 0 && long.has(ids.at(behind))) break;
    last = place;
  }
  return behind;
}
