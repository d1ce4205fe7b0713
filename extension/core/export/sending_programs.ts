import { formatHex } from "../text/hex.ts";
import type { Endpoint } from "../wire/endpoint.ts";

/** What a program sends, and where to. */
export interface SentDatagram {
  readonly destination: Endpoint;
  readonly payload: Uint8Array;
}

/** Writes a program whose run sends these datagrams, byte for byte, in this order. */
export type SendingProgram = (datagrams: readonly SentDatagram[]) => string;

/** What is written to a pipe in one piece (PIPE_BUF of Linux, which POSIX allows to be less) and fits into nc's buffer. */
const MOST_PIPED = 4096;

/** Command lines for the client that comes with this extension. */
export const udpClientCommands: SendingProgram = (datagrams) =>
  datagrams
    .map(({ destination: { address, port }, payload }) => {
      const bytes = formatHex(payload) || "''";
      return `npx tsx udp_client.ts --host ${address} --port ${port} --no-wait --format hex ${bytes}`;
    })
    .join("\n");

/**
 * Command lines for netcat, of any kind and from any POSIX shell: `%b` with octal digits is all that they agree on. What
 * nc cannot send as one datagram is a comment that says so. bash writes line by line, each of which nc may send as one;
 * `dd` hands over all at once.
 */
export const netcatCommands: SendingProgram = (datagrams) =>
  datagrams
    .map(({ destination: { address, port }, payload }) => {
      const { length } = payload;
      if (length === 0) return "# nc sends no empty datagram";
      if (length > MOST_PIPED) return `# nc would send these ${length} bytes in parts`;
      const octal = Array.from(payload, (byte) => `\\0${byte.toString(8).padStart(3, "0")}`);
      const whole = `printf %b '${octal.join("")}' | dd obs=${MOST_PIPED} 2>/dev/null`;
      return `${whole} | nc -u -w 1 ${address} ${port}`;
    })
    .join("\n");

/** Python 3, with nothing but what it brings. */
export const pythonProgram: SendingProgram = (datagrams) => {
  const clients = families(datagrams).map(
    (isIpv6) =>
      `${client(isIpv6)} = socket.socket(socket.${isIpv6 ? "AF_INET6" : "AF_INET"}, socket.SOCK_DGRAM)`,
  );
  const lines = datagrams.map(({ destination, payload }) => {
    const { address, port } = destination;
    const bytes = `bytes.fromhex("${formatHex(payload)}")`;
    return `${client(isIpv6Address(destination))}.sendto(${bytes}, ("${address}", ${port}))`;
  });
  return ["import socket", "", ...clients, ...lines, ""].join("\n");
};

/** A module for Node.js, which Deno and Bun run, too. */
export const nodeProgram: SendingProgram = (datagrams) => {
  const names = families(datagrams).map(client);
  const clients = families(datagrams).map(
    (isIpv6) => `const ${client(isIpv6)} = createSocket("${isIpv6 ? "udp6" : "udp4"}");`,
  );
  const lines = datagrams.map(({ destination, payload }) => {
    const { address, port } = destination;
    return `await send(${client(isIpv6Address(destination))}, "${formatHex(payload)}", ${port}, "${address}");`;
  });
  return [
    "// Save as send.mjs and run: node send.mjs",
    "import { createSocket } from 'node:dgram';",
    "",
    "const send = (client, hex, port, address) =>",
    "  new Promise((resolve, reject) => {",
    '    const bytes = Buffer.from(hex, "hex");',
    "    client.send(bytes, port, address, (error) => (error ? reject(error) : resolve()));",
    "  });",
    "",
    ...clients,
    ...lines,
    ...names.map((name) => `${name}.close();`),
    "",
  ].join("\n");
};

/** A program in C99 for any POSIX system. */
export const cProgram: SendingProgram = (datagrams) => {
  const calls = datagrams.map(
    ({ destination: { address, port }, payload }, index) =>
      `  send_to("${address}", "${port}", datagram_${index + 1}, ${payload.length});`,
  );
  return [
    "/* Save as send.c and run: cc send.c -o send && ./send */",
    "#define _POSIX_C_SOURCE 200112L",
    "#include <netdb.h>",
    "#include <stdio.h>",
    "#include <stdlib.h>",
    "#include <sys/socket.h>",
    "",
    cArrays(datagrams),
    "",
    C_SEND,
    "",
    "int main(void) {",
    ...calls,
    "  return 0;",
    "}",
    "",
  ].join("\n");
};

/** Arrays for a C program, one a datagram. */
export const cArrays: SendingProgram = (datagrams) =>
  datagrams.map(({ payload }, index) => cArray(payload, index)).join("\n\n");

/** One socket for each family, as one client has it. */
const C_SEND = `static int clients[] = {-1, -1};

static void send_to(const char *address, const char *port, const unsigned char *bytes, size_t length) {
  struct addrinfo hints = {0}, *to;
  int *client;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_DGRAM;
  if (getaddrinfo(address, port, &hints, &to) != 0) {
    fprintf(stderr, "Cannot send to %s: this system has no such addresses\\n", address);
    exit(1);
  }
  client = &clients[to->ai_family == AF_INET6];
  if (*client < 0) *client = socket(to->ai_family, SOCK_DGRAM, 0);
  if (*client < 0 || sendto(*client, bytes, length, 0, to->ai_addr, to->ai_addrlen) < 0) {
    perror("Cannot send");
    exit(1);
  }
  freeaddrinfo(to);
}`;

function cArray(payload: Uint8Array, index: number): string {
  const bytes = Array.from(payload, (byte) => `0x${byte.toString(16).padStart(2, "0")}`);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 12) {
    lines.push(`  ${bytes.slice(at, at + 12).join(", ")}`);
  }
  // ISO C has no empty arrays, nor empty lists of values.
  const [size, values] = payload.length === 0 ? ["1", "  0"] : ["", lines.join(",\n")];
  return `static const unsigned char datagram_${index + 1}[${size}] = {\n${values}\n};`;
}

/** Whether IPv6 is among the addresses, and whether IPv4 is: a socket has one of them. */
function families(datagrams: readonly SentDatagram[]): boolean[] {
  return [...new Set(datagrams.map(({ destination }) => isIpv6Address(destination)))].sort();
}

function isIpv6Address({ address }: Endpoint): boolean {
  return address.includes(":");
}

function client(isIpv6: boolean): string {
  return isIpv6 ? "client6" : "client";
}
