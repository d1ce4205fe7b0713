import { decodeCbor } from "./cbor.ts";
import { decodeCoap } from "./coap.ts";
import { cut } from "./cut.ts";
import type { Decoded, DecodeProblem } from "./decoded.ts";

import { DECODERS, type DecoderId } from "./decoder_names.ts";
import { decodeDns, decodeMdns } from "./dns.ts";
import { fieldsBefore } from "./field_reader.ts";
import {
  isPlainText,
  speaksCbor,
  speaksJson,
  speaksMsgpack,
  speaksOsc,
  speaksProtobuf,
  speaksStun,
} from "./guess.ts";
import { decodeJson } from "./json.ts";
import { decodeMsgpack } from "./msgpack.ts";
import { decodeNtp } from "./ntp.ts";
import { decodeOsc } from "./osc.ts";
import { Undecodable } from "./problem.ts";
import { decodeProtobuf } from "./protobuf_wire.ts";
import { prune } from "./prune.ts";
import { decodeRtp } from "./rtp.ts";
import { decodeSsdp } from "./ssdp.ts";
import { decodeStatsd } from "./statsd.ts";
import { decodeStun } from "./stun.ts";
import { decodeSyslog } from "./syslog.ts";

/** A line that a person reads at a glance. */
const SUMMARY_LIMIT = 300;

interface Decoder {
  /** Throws {@link Undecodable}, and nothing else. */
  readonly decode: (payload: Uint8Array) => Decoded;
  /** Its well-known ports. */
  readonly ports?: readonly number[];
  /** True where the content alone, once it can be decoded, is evidence enough. May throw {@link Undecodable}. */
  readonly speaks?: (payload: Uint8Array) => boolean;
}

/** In the order in which the content is asked. */
const DECODE: Readonly<Record<DecoderId, Decoder>> = {
  stun: { decode: decodeStun, ports: [3478, 19302], speaks: speaksStun },
  json: { decode: decodeJson, speaks: speaksJson },
  ssdp: { decode: decodeSsdp, ports: [1900], speaks: isPlainText },
  syslog: { decode: decodeSyslog, ports: [514], speaks: isPlainText },
  statsd: { decode: decodeStatsd, ports: [8125], speaks: isPlainText },
  osc: { decode: decodeOsc, ports: [57110, 57120], speaks: speaksOsc },
  msgpack: { decode: decodeMsgpack, speaks: speaksMsgpack },
  cbor: { decode: decodeCbor, speaks: speaksCbor },
  dns: { decode: decodeDns, ports: [53, 5355] },
  mdns: { decode: decodeMdns, ports: [5353] },
  coap: { decode: decodeCoap, ports: [5683] },
  ntp: { decode: decodeNtp, ports: [123] },
  rtp: { decode: decodeRtp, ports: [5004] },
  // The last: nothing in it says what it is.
  protobuf: { decode: decodeProtobuf, speaks: speaksProtobuf },
};

const IDS = Object.keys(DECODE) as DecoderId[];
/** Well-known ports, each of one protocol. */
const BY_PORT: ReadonlyMap<number, DecoderId> = new Map(
  IDS.flatMap((id) => (DECODE[id].ports ?? []).map((port) => [port, id] as const)),
);

/**
 * The decoder that port or content speak for; undefined where none does. A well-known port whose protocol it is comes
 * first, then content that can be little else; then the port again, whose decoder can tell what is wrong.
 *
 * @param ports Source and destination, either order.
 */
export function guessDecoder(payload: Uint8Array, ports: readonly number[]): DecoderId | undefined {
  if (payload.length === 0) return undefined;
  const byPorts = decodersOf(ports);
  return (
    byPorts.find((id) => decodes(id, payload)) ??
    IDS.find((id) => isToldByContent(id, payload)) ??
    byPorts[0]
  );
}

/**
 * True where {@link guessDecoder} chooses this decoder, and the payload is a message of its protocol. Costs next to nothing
 * where neither port nor content speak for it.
 *
 * @param isCut these are only the first bytes of the payload: at a well-known port they need not be all of the message
 */
export function isMessageOf(
  id: DecoderId,
  payload: Uint8Array,
  ports: readonly number[],
  isCut = false,
): boolean {
  if (payload.length === 0) return false;
  for (const byPort of decodersOf(ports)) {
    if (byPort === id) return decodes(id, payload) || (isCut && endsWithin(id, payload));
    if (decodes(byPort, payload)) return false;
  }
  if (!isToldByContent(id, payload)) return false;
  return IDS.find((other) => isToldByContent(other, payload)) === id;
}

/** Those whose ports these are. Both may be somebody's: one of them by chance, where a system gave it away. Those it gives away are high. */
function decodersOf(ports: readonly number[]): DecoderId[] {
  const [one = 0, other = 0] = ports;
  const ordered = one <= other ? [one, other] : [other, one];
  return ordered.flatMap((port) => BY_PORT.get(port) ?? []);
}

/** The ports that a protocol is told by. */
export function wellKnownPorts(id: DecoderId): readonly number[] {
  return DECODE[id].ports ?? [];
}

function decodes(id: DecoderId, payload: Uint8Array): boolean {
  return succeeds(() => DECODE[id].decode(payload));
}

function endsWithin(id: DecoderId, payload: Uint8Array): boolean {
  const told = decode(id, payload, true);
  return "problem" in told && told.code === "captureEnds";
}

function isToldByContent(id: DecoderId, payload: Uint8Array): boolean {
  const { decode, speaks } = DECODE[id];
  return speaks !== undefined && succeeds(() => speaks(payload) && decode(payload));
}

/**
 * What a payload says, or why that decoder cannot tell. Never throws, whatever the bytes.
 *
 * @param isCut these are only the first bytes of the payload: then what they say is told, and that the capture ends
 */
export function decode(id: DecoderId, payload: Uint8Array, isCut = false): Decoded | DecodeProblem {
  return fieldsBefore(
    (): Decoded | DecodeProblem => {
      const { protocol, summary, fields } = DECODE[id].decode(payload);
      return { protocol, summary: cut(summary, SUMMARY_LIMIT), fields: prune(fields) };
    },
    (error, fields) => {
      if (!(error instanceof Undecodable)) throw error;
      const protocol = DECODERS.find((decoder) => decoder.id === id)?.name ?? id;
      const isEnd = isCut && error.code === "endsWithin";
      const { code, words, message } = isEnd ? captureEnds(error) : error;
      const read = isEnd ? { fields: prune(fields) } : {};
      return { protocol, problem: message, code, arguments: words, ...read };
    },
  );
}

function captureEnds({ words }: Undecodable): Undecodable {
  return new Undecodable("captureEnds", ...words);
}

function succeeds(attempt: () => unknown): boolean {
  try {
    return Boolean(attempt());
  } catch (error) {
    if (error instanceof Undecodable) return false;
    throw error;
  }
}
