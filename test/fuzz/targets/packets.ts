import assert from "node:assert/strict";
import { OTHER_PACKETS } from "../../../extension/core/files/capture_sink.ts";
import { readPacket } from "../../../extension/core/files/packet/packet_reader.ts";
import { emptyRecord } from "../../../extension/core/files/packet/packet_record.ts";
import { ipv4Packet, ipv6Packet, ipv6With, LINK_HEADERS } from "../../unit/support/packets.ts";
import type { FuzzTarget } from "../target.ts";

const LINK_TYPES = [...new Set(LINK_HEADERS.map(([, linkType]) => linkType))];

/** IP and UDP headers behind each link layer: the first byte of the input chooses it. */
export const packetTarget: FuzzTarget = {
  name: "packets",
  seeds: LINK_HEADERS.flatMap(([, linkType, header]) =>
    [ipv4Packet(), ipv6Packet(), ipv6With(0, [43, 0, 0, 0, 0, 0, 0, 0, 17, 1, ...Array(14)])].map(
      (packet) => Uint8Array.of(LINK_TYPES.indexOf(linkType), ...header, ...packet),
    ),
  ),
  check(input) {
    const linkType = LINK_TYPES[(input[0] ?? 0) % LINK_TYPES.length] ?? 0;
    // Bytes behind the packet are somebody else's.
    const end = Math.max(1, input.length - 3);
    for (const originalLength of [end - 1, end + 1000]) {
      const record = { ...emptyRecord(), bytes: input };
      const reason = readPacket(record, linkType, 1, end, originalLength);
      if (reason !== undefined) {
        assert.ok(OTHER_PACKETS.includes(reason));
        continue;
      }
      const { payload, capturedLength, length, addressLength } = record;
      assert.ok(payload >= 1 && payload + capturedLength <= end, "bytes outside of the packet");
      assert.ok(capturedLength >= 0 && capturedLength <= length);
      for (const address of [record.sourceAddress, record.destinationAddress]) {
        assert.ok(address >= 1 && address + addressLength <= payload - 8, "an address elsewhere");
      }
    }
  },
};
