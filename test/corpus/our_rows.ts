import { formatAddress } from "../../extension/core/wire/address.ts";
import { SavedCapture } from "../../extension/host/capture/saved_capture.ts";
import { sentence } from "../unit/support/problem_sentence.ts";

export interface OurRows {
  /** Time (s since 1970, to the µs), addresses, ports, UDP length, payload in hex; as tshark's fields say it. */
  readonly rows: readonly string[];
  /** What else was found in the file. */
  readonly remarks: string;
}

/** The datagrams of a capture file as the editor opens it; their payloads are read from the disk. */
export async function ourRows(path: string): Promise<OurRows> {
  const saved = new SavedCapture(path);
  try {
    const { otherPackets, problems } = await saved.read();
    const { capture } = saved;
    const rows: string[] = [];
    for (let position = 0; position < capture.length; position++) {
      const id = capture.idAt(position);
      const flow = capture.flow(id);
      const time = capture.time(id);
      const seconds = Math.floor(time / 1e6);
      const address = (bytes: Uint8Array) => formatAddress(bytes, 0, bytes.length === 4 ? 4 : 16);
      rows.push(
        [
          `${seconds}.${String(time - seconds * 1e6).padStart(6, "0")}`,
          address(flow.sourceAddress),
          address(flow.destinationAddress),
          flow.sourcePort,
          flow.destinationPort,
          capture.wireLength(id) + 8,
          Buffer.from(await saved.payload(id)).toString("hex"),
        ].join("\t"),
      );
    }
    const counts = Object.entries(otherPackets).filter(([, count]) => count > 0);
    const remarks = [...counts.map(([reason, count]) => `${count} ${reason}`)];
    return { rows, remarks: [...remarks, ...problems.map(sentence)].join(", ") };
  } finally {
    await saved.close();
  }
}
