import { formatHex } from "../text/hex.ts";
import { hexdump } from "../text/hexdump.ts";
import { printableBytes } from "../text/printable.ts";
import type { Endpoint } from "../wire/endpoint.ts";
import { ladderMermaid } from "./ladder_mermaid.ts";
import { ladderSvg } from "./ladder_svg.ts";
import { markdownTable } from "./markdown_table.ts";
import {
  cArrays,
  cProgram,
  netcatCommands,
  nodeProgram,
  pythonProgram,
  udpClientCommands,
} from "./sending_programs.ts";

/** A datagram, as far as it is needed to write it down. */
export interface CopiedDatagram {
  /** Microseconds since 1970. */
  readonly time: number;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly length: number;
  readonly payload: Uint8Array;
  /** What became of it; `sent` where it is left out. */
  readonly fate?: CopiedFate;
  /** Microseconds until it came, where both ends tell. */
  readonly took?: number;
  /** What was out of the ordinary, or "". */
  readonly comment?: string;
}

/** What became of a datagram: `sent` is all that is known, `failed` never left. */
export type CopiedFate = "sent" | "delivered" | "lost" | "dropped" | "refused" | "failed";

/** The ways to write datagrams down; each takes them in the order of their rows. */
export const COPY_AS = {
  text: (datagrams) => datagrams.map(asText).join("\n"),
  hex: (datagrams) => datagrams.map(({ payload }) => hexdump(payload)).join("\n\n"),
  c: cArrays,
  json: (datagrams) => JSON.stringify(datagrams.map(asJson), undefined, 2),
  client: udpClientCommands,
  python: pythonProgram,
  node: nodeProgram,
  cProgram,
  nc: netcatCommands,
  markdown: markdownTable,
  mermaid: ladderMermaid,
  svg: ladderSvg,
} as const satisfies Record<string, (datagrams: readonly CopiedDatagram[]) => string>;

export type CopyFormat = keyof typeof COPY_AS;

/** The payload as text. What could act on a terminal that it is pasted into stays escaped. */
function asText({ payload }: CopiedDatagram): string {
  return printableBytes(payload, { keepLineBreaks: true });
}

/** Named as Wireshark names its fields. */
function asJson({ time, source, destination, length, payload }: CopiedDatagram): object {
  return {
    "frame.time_epoch": (time / 1e6).toFixed(6),
    "ip.src": source.address,
    "ip.dst": destination.address,
    "udp.srcport": source.port,
    "udp.dstport": destination.port,
    "data.len": length,
    "data.data": formatHex(payload),
  };
}
