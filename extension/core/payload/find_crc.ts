import { crcOf } from "./crc.ts";
import { CRC_CATALOGUE, type CrcParameters } from "./crc_catalogue.ts";
import { integerBytes } from "./integer_bytes.ts";

/** A CRC that payloads end in. */
export interface FoundCrc {
  readonly crc: CrcParameters;
  readonly isLittle: boolean;
  /** The CRC is of the bytes from here on. */
  readonly from: number;
}

/** First bytes that a CRC may leave out: none, or a mark of up to four. */
const MOST_LEFT_OUT = 4;

/** The CRCs that each of these payloads ends in, those of many bits first. None for no payloads. */
export function findCrc(payloads: readonly Uint8Array[]): FoundCrc[] {
  const [first, ...others] = payloads;
  if (!first) return [];
  return CRC_CATALOGUE.toReversed().flatMap((crc) => {
    const size = crc.width / 8;
    const found: FoundCrc[] = [];
    for (let from = 0; from <= MOST_LEFT_OUT && from < first.length - size; from++) {
      for (const isLittle of size === 1 ? [false] : [crc.isReflected, !crc.isReflected]) {
        const one = { crc, isLittle, from };
        if (endsIn(first, one) && others.every((payload) => endsIn(payload, one))) found.push(one);
      }
    }
    return found;
  });
}

/** Whether a payload has bytes, and behind them this CRC of them. */
export function endsIn(payload: Uint8Array, { crc, isLittle, from }: FoundCrc): boolean {
  const end = payload.length - crc.width / 8;
  if (end <= from) return false;
  const wanted = integerBytes(crcOf(crc, payload.subarray(from, end)), crc.width / 8, isLittle);
  return wanted.every((byte, at) => byte === payload[end + at]);
}
