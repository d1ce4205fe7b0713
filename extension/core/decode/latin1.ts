/**
 * Bytes as so many characters, so that a place in the text is a place in the payload. Only for matching: what is shown
 * goes through `printableBytes()`. (`TextDecoder("latin1")` is windows-1252.)
 */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return text;
}
