import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);
const MOST_OUTPUT = 64 * 2 ** 20;

/** Runs one of Wireshark's programs and returns what it says. */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  return (await execute(program, args, { maxBuffer: MOST_OUTPUT })).stdout;
}

/** Whether these programs are there. Where the project is judged (CI is set), a missing one is a failure. */
export async function areInstalled(...programs: readonly string[]): Promise<boolean> {
  for (const program of programs) {
    try {
      await run(program, "--version");
    } catch {
      if (process.env.CI) throw new Error(`Cannot check against ${program}: it is not installed`);
      return false;
    }
  }
  return true;
}

const FIELDS = [
  "frame.time_epoch",
  "ip.src",
  "ipv6.src",
  "ip.dst",
  "ipv6.dst",
  "udp.srcport",
  "udp.dstport",
  "udp.length",
  "udp.payload",
];

/** Datagrams with a whole header, no part of one, and none that is quoted by an ICMP message. */
const WHOLE_DATAGRAMS = [
  "udp.checksum",
  "!icmp",
  "!icmpv6",
  "!(ip.flags.mf == 1)",
  "!(ip.frag_offset > 0)",
  "!(ipv6.fraghdr.more == 1)",
  "!(ipv6.fraghdr.offset > 0)",
].join(" && ");

/** What tshark says of the datagrams of a file, in the form of readUdpLines(). */
export async function tsharkUdpLines(path: string): Promise<string[]> {
  const output = await run(
    "tshark",
    ...["-n", "-r", path, "-Y", WHOLE_DATAGRAMS],
    ...["-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE"],
    ...["-o", "udp.check_checksum:FALSE"],
    ...["-T", "fields", "-E", "occurrence=f"],
    ...FIELDS.flatMap((field) => ["-e", field]),
  );
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map(udpLine);
}

function udpLine(line: string): string {
  const [time = "", ip4 = "", ip6 = "", to4 = "", to6 = "", from, to, length, payload] =
    line.split("\t");
  return [
    // Nanoseconds are rounded down, as our index has microseconds.
    time.slice(0, -3),
    ip4 || ip6,
    to4 || to6,
    from,
    to,
    length,
    // tshark's payload goes to the end of the IP packet, although UDP may say that it is shorter.
    payload?.slice(0, (Number(length) - 8) * 2),
  ].join("\t");
}
