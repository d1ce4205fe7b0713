import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { datagramPacket } from "./packets.ts";
import { PcapBytes } from "./pcap_bytes.ts";
import { run } from "./tshark.ts";

/** A field as Wireshark has found it: its range in the payload, and what it shows. */
export interface DissectedField {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly show: string;
  /** The line that Wireshark writes for a reader: "Attribute Type: USERNAME". */
  readonly line: string;
}

const HEADERS = 28;
const ENDS = [
  { address: "127.0.0.1", port: 40001 },
  { address: "127.0.0.1", port: 40002 },
] as const;

/** What tshark finds in each payload: of this protocol, or of what it takes it for. */
export async function dissect(
  protocol: string | undefined,
  payloads: readonly Uint8Array[],
): Promise<DissectedField[][]> {
  const folder = await mkdtemp(join(tmpdir(), "udp-workbench-dissect-"));
  try {
    const file = new PcapBytes();
    for (const payload of payloads) file.packet(1, 0, datagramPacket(...ENDS, payload));
    const path = join(folder, "payloads.pcap");
    await writeFile(path, file.bytes);
    const decodeAs = protocol ? ["-d", `udp.port==${ENDS[1].port},${protocol}`] : [];
    const pdml = await run("tshark", "-n", "-r", path, ...decodeAs, "-T", "pdml");
    return pdml.split("<packet>").slice(1).map(fieldsOf);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function fieldsOf(packet: string): DissectedField[] {
  return [...packet.matchAll(/<field ([^>]*)>/g)]
    .map(([, attributes = ""]) => {
      const value = (name: string) =>
        new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1] ?? "";
      const from = Number(value("pos")) - HEADERS;
      return {
        name: value("name"),
        from,
        to: from + Number(value("size")),
        show: value("show"),
        line: value("showname"),
      };
    })
    .filter(({ from }) => from >= 0);
}
