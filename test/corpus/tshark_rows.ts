import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);
const MOST_OUTPUT = 2 ** 30;

const FIELDS = [
  "frame.time_epoch",
  "frame.protocols",
  "icmp.type",
  "icmpv6.type",
  "ip.src",
  "ipv6.src",
  "ip.dst",
  "ipv6.dst",
  "udp.srcport",
  "udp.dstport",
  "udp.length",
  "udp.payload",
] as const;

/**
 * The datagrams that tshark finds in a capture file, in the form of readUdpLines(): the innermost of each packet, joined
 * where it was sent in fragments. What an ICMP message quotes is none, nor is what carries a message that one was refused.
 * Undefined where it refuses the whole file.
 */
export async function tsharkRows(path: string): Promise<string[] | undefined> {
  const options = [
    ...["-n", "-r", path, "-Y", "udp.srcport"],
    ...["-o", "ip.defragment:TRUE", "-o", "ipv6.defragment:TRUE", "-o", "udp.check_checksum:FALSE"],
    ...["-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,"],
    ...FIELDS.flatMap((field) => ["-e", field]),
  ];
  const { stdout } = await execute("tshark", options, { maxBuffer: MOST_OUTPUT }).catch(
    // A file that is cut off is read up to there, and then told to be wrong.
    (error: { stdout?: string; stderr?: string }) => {
      const isCut = /cut short|damaged|corrupt/.test(error.stderr ?? "");
      return { stdout: isCut ? (error.stdout ?? "") : undefined };
    },
  );
  return stdout
    ?.split("\n")
    .filter((line) => line !== "")
    .flatMap(rowOf);
}

/** Fields of each layer stand in a row, the outermost first. */
function rowOf(line: string): string[] {
  const [time = "", protocols = "", icmp = "", icmpv6 = "", ...lists] = line.split("\t");
  const all = protocols.split(":");
  const quote = all.findIndex((layer) => layer === "icmp" || layer === "icmpv6");
  const isRefusal = /^(3|11|12)\b/.test(icmp) || /^[1-4]\b/.test(icmpv6);
  if (isRefusal && all.includes("udp", quote)) return [];
  const layers = quote < 0 ? all : all.slice(0, quote);
  const udp = layers.lastIndexOf("udp");
  if (udp < 0) return [];
  const around = layers.slice(0, udp);
  const [ip4 = [], ip6 = [], to4 = [], to6 = [], from = [], to = [], lengths = [], payloads = []] =
    lists.map((list) => list.split(","));
  const last = around.lastIndexOf("ip") > around.lastIndexOf("ipv6") ? "ip" : "ipv6";
  const index = around.filter((layer) => layer === last).length - 1;
  const datagram = layers.slice(0, udp + 1).filter((layer) => layer === "udp").length - 1;
  const length = Number(lengths[datagram] ?? Number.NaN);
  // An empty payload is none of the list; those around it are not empty.
  const payload = payloads[datagram] ?? "";
  return [
    [
      // Nanoseconds are rounded down, as our index has microseconds.
      time.slice(0, -3),
      last === "ip" ? ip4[index] : ip6[index],
      last === "ip" ? to4[index] : to6[index],
      from[datagram],
      to[datagram],
      length,
      // tshark's payload goes to the end of the IP packet, although UDP may say that it is shorter.
      length === 8 ? "" : payload.slice(0, (length - 8) * 2),
    ].join("\t"),
  ];
}
