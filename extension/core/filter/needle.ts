import { Automaton, type Program } from "../regexp/automaton.ts";
import { printable, printableBytes } from "../text/printable.ts";

/** What a filter looks for in payloads. Numbers in a filter's conditions are indices into its needles. */
export type Needle =
  /** These bytes, anywhere or at byte `at` of the payload; at least one. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly at?: number }
  /** This text in UTF-8, each character in lower or in upper case. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "regexp"; readonly source: string; readonly program: Program };

/** What to mark in the printable text of a payload. */
export interface Highlight {
  readonly text: string;
  readonly ignoreCase: boolean;
}

const encoder = new TextEncoder();

/** Smart case: as typed where a letter is upper case, in any case otherwise. */
export function textNeedle(text: string): Needle {
  return isCaseless(text) && caseVariants(text).some((variants) => variants.length > 1)
    ? { kind: "text", text }
    : { kind: "bytes", bytes: encoder.encode(text) };
}

/** True where a text stands for itself in any case. */
export function isCaseless(text: string): boolean {
  return !/[\p{Lu}\p{Lt}]/u.test(text);
}

/**
 * The characters of a text, each as it is, in upper case and in that one's lower case, as UTF-8: what a needle of kind
 * "text" matches. Only one-to-one mappings: a German sharp s is not the same as two letters s.
 */
export function caseVariants(text: string): readonly (readonly Uint8Array[])[] {
  return [...text].map((character) => {
    const upper = character.toUpperCase();
    const forms = new Set([character, upper, upper.toLowerCase()]);
    return [...forms].filter((form) => [...form].length === 1).map((form) => encoder.encode(form));
  });
}

/** Two needles of the same key are the same needle. */
export function needleKey(needle: Needle): string {
  switch (needle.kind) {
    case "bytes":
      return `bytes ${needle.at ?? ""} ${needle.bytes.join()}`;
    case "text":
      return `text ${needle.text}`;
    case "regexp":
      return `regexp ${needle.source}`;
  }
}

/** What to mark where a needle was found; undefined where that cannot be told by text alone. */
export function needleHighlight(needle: Needle): Highlight | undefined {
  switch (needle.kind) {
    case "bytes":
      return { text: printableBytes(needle.bytes), ignoreCase: false };
    case "text":
      return { text: printable(needle.text), ignoreCase: true };
    case "regexp":
      return undefined;
  }
}

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
