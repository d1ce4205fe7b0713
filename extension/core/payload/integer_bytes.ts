/** The low bytes of a number, as many as asked for. */
export function integerBytes(value: bigint, count: number, isLittle: boolean): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let at = 0, rest = value; at < count; at++, rest >>= 8n) {
    bytes[isLittle ? at : count - 1 - at] = Number(rest & 255n);
  }
  return bytes;
}
