/** A set of bytes, as 256 flags. */
export function setOf(holds: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (holds(byte) ? 1 : 0));
}

export function setOfBytes(characters: readonly string[]): Uint8Array {
  return setOf((byte) => characters.includes(String.fromCharCode(byte)));
}

function setMatching(pattern: RegExp): Uint8Array {
  return setOf((byte) => pattern.test(String.fromCharCode(byte)));
}

/** The one byte of a set that holds some; undefined where there are several. */
export function onlyByte(set: Uint8Array): number | undefined {
  const first = set.indexOf(1);
  return first === set.lastIndexOf(1) ? first : undefined;
}

/** What stands for a set behind a backslash. ASCII only, as PCRE2 takes them where it is not told that the text is Unicode. */
export const ESCAPES: Readonly<Record<string, Uint8Array>> = {
  d: setMatching(/[0-9]/),
  D: setMatching(/[^0-9]/),
  w: setMatching(/[0-9A-Za-z_]/),
  W: setMatching(/[^0-9A-Za-z_]/),
  s: setMatching(/[\t\n\v\f\r ]/),
  S: setMatching(/[^\t\n\v\f\r ]/),
  n: setOfBytes(["\n"]),
  r: setOfBytes(["\r"]),
  t: setOfBytes(["\t"]),
  f: setOfBytes(["\f"]),
};
