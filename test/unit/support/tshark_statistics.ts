import { run } from "./tshark.ts";

/** What tshark counts of a conversation, whichever end it calls the first one. */
export interface TsharkConversation {
  readonly ends: readonly [string, string];
  /** Datagrams that the first end sent, and the second one. */
  readonly datagrams: readonly [number, number];
}

const WHOLE = "udp && !icmp && !icmpv6";

/** `tshark -z conv,udp` */
export async function tsharkConversations(path: string): Promise<TsharkConversation[]> {
  const text = await run("tshark", "-n", "-q", "-r", path, "-z", `conv,udp,${WHOLE}`);
  const line = /^(\S+):(\d+)\s+<->\s+(\S+):(\d+)\s+(\d+)\s+[\d,.]+ \w+\s+(\d+)\s/gm;
  return Array.from(text.matchAll(line), ([, a = "", aPort, b = "", bPort, back, forward]) => ({
    ends: [endText(a, aPort), endText(b, bPort)],
    datagrams: [Number(forward), Number(back)],
  }));
}

/** `tshark -z endpoints,udp`: what each end has sent and received. */
export async function tsharkEndpoints(
  path: string,
): Promise<{ readonly end: string; readonly sent: number; readonly received: number }[]> {
  const text = await run("tshark", "-n", "-q", "-r", path, "-z", `endpoints,udp,${WHOLE}`);
  const line = /^([\da-f.:]+)\s+(\d+)\s+(\d+)\s+\d+\s+(\d+)\s+\d+\s+(\d+)\s+\d+\s*$/gim;
  return Array.from(text.matchAll(line), ([, address = "", port, , sent, received]) => ({
    end: endText(address, port),
    sent: Number(sent),
    received: Number(received),
  }));
}

/** `tshark -z io,stat`: datagrams, and the bytes of their payloads. */
export async function tsharkTotal(path: string): Promise<{ datagrams: number; bytes: number }> {
  const columns = [
    `COUNT(udp.length)${WHOLE} && udp.length`,
    `SUM(udp.length)${WHOLE} && udp.length`,
  ];
  const text = await run("tshark", "-n", "-q", "-r", path, "-z", `io,stat,0,${columns.join(",")}`);
  const [, datagrams, length] = /^\|[^|]*<>[^|]*\|\s*(\d+)\s*\|\s*(\d+)\s*\|/m.exec(text) ?? [];
  return { datagrams: Number(datagrams), bytes: Number(length) - 8 * Number(datagrams) };
}

/** What Wireshark says of a stream of RTP; milliseconds. */
export interface TsharkRtpStream {
  readonly ssrc: string;
  readonly datagrams: number;
  readonly meanJitter: number;
  readonly maxJitter: number;
}

/** `tshark -z rtp,streams` */
export async function tsharkRtpStreams(
  path: string,
  ...options: readonly string[]
): Promise<TsharkRtpStream[]> {
  const text = await run("tshark", "-n", "-q", "-r", path, ...options, "-z", "rtp,streams");
  return text.split("\n").flatMap((line): TsharkRtpStream[] => {
    const [, ssrc, rest = ""] = /\s(0x[0-9A-F]{8})\s+(.*)$/i.exec(line) ?? [];
    if (ssrc === undefined) return [];
    // Payload, packets, lost with its share, then delta and jitter: least, mean and greatest.
    const [, datagrams, jitter = ""] =
      /^\S.*?\s+(\d+)\s+-?\d+ \([-\d.]+%\)\s+((?:[-\d.]+\s+){5}[-\d.]+)/.exec(rest) ?? [];
    const [, , , , meanJitter, maxJitter] = jitter.split(/\s+/).map(Number);
    if (datagrams === undefined || meanJitter === undefined || maxJitter === undefined) {
      throw new Error(`Cannot read what tshark says of a stream: ${line}`);
    }
    return [{ ssrc, datagrams: Number(datagrams), meanJitter, maxJitter }];
  });
}

/** As we write an end. */
function endText(address: string, port = ""): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
