import { type DatagramRecord, Direction } from "../../extension/core/files/capture_sink.ts";
import { parseAddress } from "../../extension/core/wire/address.ts";
import type { Endpoint } from "../../extension/core/wire/endpoint.ts";

/** A record as a reader would hand it over, made from what a test wants to say. */
export function datagramRecord(
  source: Endpoint,
  destination: Endpoint,
  rest: Partial<DatagramRecord> = {},
): DatagramRecord {
  const from = address(source);
  const to = address(destination);
  return {
    interfaceId: 0,
    time: 1_700_000_000_000_000,
    direction: Direction.in,
    bytes: Uint8Array.of(...from, ...to, ...new Uint8Array(rest.capturedLength ?? 7)),
    addressLength: from.length === 4 ? 4 : 16,
    sourceAddress: 0,
    destinationAddress: from.length,
    sourcePort: source.port,
    destinationPort: destination.port,
    payload: from.length + to.length,
    payloadFileOffset: 100,
    capturedLength: 7,
    length: 7,
    dropped: 0,
    comment: "",
    tunnel: "",
    pieces: undefined,
    ...rest,
  };
}

function address({ address: text }: Endpoint): Uint8Array {
  const bytes = parseAddress(text);
  if (!bytes) throw new TypeError(`Cannot use ${text}: it is no IP address`);
  return bytes;
}
