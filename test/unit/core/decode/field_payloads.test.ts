import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode, guessDecoder } from "../../../../extension/core/decode/decoders.ts";
import { CaptureReader } from "../../../../extension/core/files/capture_reader.ts";

const FIELD = join(import.meta.dirname, "../../../data/field");

/** What is said of each datagram of a file, by the decoder that port and content speak for. */
function summaries(name: string): string[] {
  const told: string[] = [];
  const nothing = () => {};
  const reader = new CaptureReader({
    ...{ section: nothing, interface: nothing, statistics: nothing, otherPacket: nothing },
    datagram: ({ bytes, payload, capturedLength, sourcePort, destinationPort }) => {
      const content = bytes.slice(payload, payload + capturedLength);
      const id = guessDecoder(content, [sourcePort, destinationPort]);
      const result = id && decode(id, content);
      if (!result) told.push("nothing");
      else
        told.push("problem" in result ? result.problem : `${result.protocol}: ${result.summary}`);
    },
  });
  reader.read(readFileSync(join(FIELD, name)), 0);
  return told;
}

describe("payloads from the field", () => {
  it("say what they mean, as far as they make sense", () => {
    const told = summaries("decoder_payloads.pcap");
    assert.equal(told.length, 16);
    for (const [row, pattern] of [
      [1, /^Syslog: local0\.informational 854 /],
      [2, /^Syslog: user\.notice 5 apples/],
      [3, /^Syslog: \S+ sshd: /],
      [4, /^Syslog: \S+ \S+:? /],
      [5, /^StatsD: .*card:low/],
      [6, /^StatsD: .*e:it-false/],
      [7, /^StatsD: gorets:1\|c:2\|c/],
      [8, /^StatsD: /],
      [9, /^OSC: \/blob 010203/],
      [10, /^NTP: .*version 3/],
      [11, /^DNS: .*→/],
      [12, /^DNS: .*::ffff:/],
      [13, /^nothing$/],
      [14, /^STUN: /],
      [15, /^STUN: .*family 0/],
      [16, /^STUN: ChannelData 0x4/],
    ] as const) {
      assert.match(told[row - 1] ?? "", pattern, `row ${row}`);
    }
  });

  it("are of the protocol that one of the two ports speaks for, also where the other is somebody's by chance", () => {
    for (const text of summaries("dns_query_from_ephemeral_port_57120.pcap")) {
      assert.match(text, /^DNS: /);
    }
  });
});
