/** The numbers of pcapng (draft-ietf-opsawg-pcapng), by the specification's names. */

export const BlockType = {
  sectionHeader: 0x0a0d0d0a,
  interfaceDescription: 1,
  /** Obsolete, but still in old files. */
  packet: 2,
  simplePacket: 3,
  interfaceStatistics: 5,
  enhancedPacket: 6,
} as const;

export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

export const Option = {
  end: 0,
  comment: 1,
  sectionOs: 3,
  sectionApplication: 4,
  interfaceName: 2,
  interfaceDescription: 3,
  timestampResolution: 9,
  timestampOffset: 14,
  packetFlags: 2,
  packetDropCount: 4,
  statisticsStartTime: 2,
  statisticsEndTime: 3,
  statisticsReceived: 4,
  statisticsDropped: 5,
  statisticsOsDropped: 7,
} as const;

/** Type, length and the length again: what a block has around its body. */
export const BLOCK_OVERHEAD = 12;

/** The fixed fields of a block of this type, with its type and lengths. */
export function minimalLength(type: number): number {
  switch (type) {
    case BlockType.sectionHeader:
      return 28;
    case BlockType.interfaceDescription:
      return 20;
    case BlockType.packet:
    case BlockType.enhancedPacket:
      return 32;
    case BlockType.simplePacket:
      return 16;
    case BlockType.interfaceStatistics:
      return 24;
    default:
      return BLOCK_OVERHEAD;
  }
}

/** A length on the next border of 32 bits, where every field of a block starts. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}
