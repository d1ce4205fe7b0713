import { isMessageOf } from "../../../extension/core/decode/decoders.ts";
import type { Needle } from "../../../extension/core/filter/needle.ts";
import { Automaton } from "../../../extension/core/regexp/automaton.ts";
import { caseVariants } from "../../../extension/core/text/case_variants.ts";

/** True when the payload holds the needle. For one payload; many are quicker with a search through the file. */
export function isNeedleIn(needle: Needle, payload: Uint8Array): boolean {
  switch (needle.kind) {
    case "bytes": {
      const { bytes, at } = needle;
      if (at !== undefined) return isAt(bytes, payload, at);
      for (let start = payload.indexOf(bytes[0] ?? 0); start >= 0; ) {
        if (isAt(bytes, payload, start)) return true;
        start = payload.indexOf(bytes[0] ?? 0, start + 1);
      }
      return false;
    }
    case "text": {
      const variants = caseVariants(needle.text);
      for (let start = 0; start < payload.length; start++) {
        if (matchesVariants(variants, payload, start)) return true;
      }
      return false;
    }
    case "regexp":
      return new Automaton(needle.program).test(payload);
    case "protocol":
      return isMessageOf(needle.protocol, payload, []);
    case "field":
      throw new Error("a field needs the decoders of a window");
  }
}

function matchesVariants(
  variants: readonly (readonly Uint8Array[])[],
  payload: Uint8Array,
  start: number,
): boolean {
  let at = start;
  for (const forms of variants) {
    // No form is the start of another: UTF-8 tells by its first byte where a character ends.
    const form = forms.find((bytes) => isAt(bytes, payload, at));
    if (!form) return false;
    at += form.length;
  }
  return true;
}

function isAt(bytes: Uint8Array, payload: Uint8Array, at: number): boolean {
  if (at + bytes.length > payload.length) return false;
  for (let index = 0; index < bytes.length; index++) {
    if (payload[at + index] !== bytes[index]) return false;
  }
  return true;
}
