import { withBytes } from "./packets.ts";

/** Parts of an IPv4 packet: offset and length of each part of its content, in bytes. */
export function ipv4Fragments(
  packet: Uint8Array,
  parts: readonly (readonly [offset: number, length: number])[],
  identification = 7,
): Uint8Array[] {
  const content = packet.subarray(20);
  return parts.map(([offset, length]) => {
    const isMore = offset + length < content.length;
    const header = withBytes(packet.subarray(0, 20), {
      ...word(2, 20 + length),
      ...word(4, identification),
      ...word(6, (isMore ? 0x2000 : 0) | (offset / 8)),
    });
    return Uint8Array.of(...header, ...content.subarray(offset, offset + length));
  });
}

/** Parts of an IPv6 packet that has no extension headers (RFC 8200 section 4.5). */
export function ipv6Fragments(
  packet: Uint8Array,
  parts: readonly (readonly [offset: number, length: number])[],
  identification = 7,
): Uint8Array[] {
  const content = packet.subarray(40);
  return parts.map(([offset, length]) => {
    const isMore = offset + length < content.length;
    const header = withBytes(packet.subarray(0, 40), { ...word(4, 8 + length), 6: 44 });
    const place = offset | (isMore ? 1 : 0);
    const fragment = [packet[6] ?? 0, 0, place >> 8, place & 255, 0, 0, 0, identification];
    return Uint8Array.of(...header, ...fragment, ...content.subarray(offset, offset + length));
  });
}

/** A content of `length` bytes in parts of `size`, a multiple of 8. */
export function partsOf(length: number, size: number): (readonly [number, number])[] {
  return Array.from({ length: Math.ceil(length / size) }, (_, index) => {
    return [index * size, Math.min(size, length - index * size)] as const;
  });
}

function word(at: number, value: number): Record<number, number> {
  return { [at]: value >> 8, [at + 1]: value & 255 };
}
