import type { RawLine } from "../../extension/core/strace/line_splitter.ts";
import type { Message } from "../../extension/core/strace/message.ts";
import type { TracedSocket } from "../../extension/core/strace/traced_process.ts";
import { type TraceListener, Tracer } from "../../extension/core/strace/tracer.ts";
import { type Endpoint, formatEndpoint } from "../../extension/core/wire/endpoint.ts";

/** A traced world, and what was told of it: `10.1 bound 127.0.0.1:9999`, the process and the number of the socket. */
export class ToldByStrace {
  readonly told: string[] = [];
  readonly tracer: Tracer;
  readonly times: number[] = [];

  constructor() {
    const name = ({ process, number }: TracedSocket) => `${process.pid}.${number}`;
    const tell = (socket: TracedSocket, what: string, time?: number) => {
      this.told.push(`${name(socket)} ${what}`);
      if (time !== undefined) this.times.push(time);
    };
    const message = ({ payload, length, oddity }: Message, error = "") => {
      const bytes = payload.length > 60 ? `${payload.length} bytes` : escaped(payload);
      const rest = payload.length === length ? "" : ` of ${length}`;
      return `${bytes}${rest}${[error, oddity ?? ""].map((it) => it && ` (${it})`).join("")}`;
    };
    const end = (peer: Endpoint | undefined) => (peer ? formatEndpoint(peer) : "nobody");
    const listener: TraceListener = {
      bound: (socket, time) => tell(socket, `bound ${end(socket.local)}`, time),
      bindFailed: (socket, local, code) => tell(socket, `not bound ${end(local)} ${code}`),
      sent: (socket, time, peer, it, error) =>
        tell(socket, `to ${end(peer)}: ${message(it, error)}`, time),
      received: (socket, time, peer, it) => tell(socket, `from ${end(peer)}: ${message(it)}`, time),
      missed: (socket) => tell(socket, "missed"),
      closed: (socket, time) => tell(socket, "closed", time),
      ended: ({ pid, words }) => void this.told.push(`${pid} ended: ${words.join(" ")}`),
      usesRing: ({ pid }) => void this.told.push(`${pid} ring`),
    };
    this.tracer = new Tracer(listener);
  }

  take(...lines: readonly (string | RawLine)[]): this {
    for (const line of lines) {
      this.tracer.take(typeof line === "string" ? { text: line, isCut: false } : line);
    }
    return this;
  }
}

/** As strace writes a text with -xx. */
export function hex(text: string | Uint8Array): string {
  return Array.from(Buffer.from(text), (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(
    "",
  );
}

/** An address as strace writes it. */
export function sockaddr(address: string, port: number): string {
  return address.includes(":")
    ? `{sa_family=AF_INET6, sin6_port=htons(${port}), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "${hex(address)}", &sin6_addr), sin6_scope_id=0}`
    : `{sa_family=AF_INET, sin_port=htons(${port}), sin_addr=inet_addr("${hex(address)}")}`;
}

function escaped(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes).toString("latin1")).slice(1, -1);
}
