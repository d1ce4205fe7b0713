/** Of one page of memory and more, the kernel takes whole ones; up to here a power of two (mm/slab_common.c). */
const LARGEST_IN_ONE = 16_384 - 320;
/** What one datagram takes beside its bytes: `struct sk_buff`. */
const SKB_BYTES = 256;
/** `struct skb_shared_info`, which stands behind the bytes. */
const SHARED_INFO_BYTES = 320;
/** IP and UDP header, room for that of the link, and what is added to align it (net/ipv4/ip_output.c `__ip_append_data`). */
const HEADROOM = 20 + 8 + 16 + 15;
/** How far kernels differ in what they take for a datagram: 768 bytes for 48, or 832. */
const LEAST = 0.75;
const MOST = 1.5;
/** A multiple that people write. */
const STEP = 65_536;

/**
 * About what a datagram of so many payload bytes takes of a receive buffer of Linux, over loopback: `skb->truesize`. It is the
 * kernel's own matter; what a buffer really holds is measured.
 */
export function bufferBytes(length: number): number {
  if (length > LARGEST_IN_ONE - HEADROOM) return 512 + SKB_BYTES + length;
  const bytes = Math.ceil((length + HEADROOM) / 64) * 64 + SHARED_INFO_BYTES;
  return 2 ** Math.max(9, Math.ceil(Math.log2(bytes))) + SKB_BYTES;
}

/** A size to ask for, and how many datagrams it holds. */
export interface BufferSize {
  /** As `recvBufferSize` and SO_RCVBUF take it: Linux doubles it (socket(7)). */
  readonly size: number;
  readonly holds: number;
}

/** A buffer that was seen full. */
export interface FullBuffer {
  /** Datagrams that waited in it, and payload bytes of each. */
  readonly held: number;
  readonly length: number;
}

/**
 * The smallest round size that holds so many datagrams of the same kind, by what a buffer of `bytes` has held; undefined where
 * that cannot have been its size: the program has asked for another one.
 *
 * @param bytes of the buffer as the kernel counts them, 212,992 where nobody has changed it (net.core.rmem_default)
 */
export function bufferFor(
  needed: number,
  { held, length }: FullBuffer,
  bytes: number,
): BufferSize | undefined {
  const each = bytes / held;
  const expected = bufferBytes(length);
  if (each < expected * LEAST || each > expected * MOST) return undefined;
  const size = Math.max(1, Math.ceil((needed * each) / 2 / STEP)) * STEP;
  return { size, holds: Math.floor((size * 2) / each) };
}
