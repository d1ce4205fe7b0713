/** The bytes of a payload that a program has handed over in parts. */
export function joined(parts: readonly ArrayBufferView[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(bytesOf(part), at);
    at += part.byteLength;
  }
  return whole;
}

/** The bytes of one part, whatever kind of array it is seen as; not copied. */
export function bytesOf(part: ArrayBufferView | undefined): Uint8Array {
  if (part instanceof Uint8Array) return part;
  return new Uint8Array(part?.buffer ?? new ArrayBuffer(0), part?.byteOffset, part?.byteLength);
}
