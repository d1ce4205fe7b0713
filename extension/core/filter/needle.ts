import type { DecoderId } from "../decode/decoder_names.ts";
import type { Program } from "../regexp/automaton.ts";
import { caseVariants } from "../text/case_variants.ts";
import { printable, printableBytes } from "../text/printable.ts";

/** What a filter looks for in payloads. Numbers in a filter's conditions are indices into its needles. */
export type Needle =
  /** These bytes, anywhere or at byte `at` of the payload; at least one. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly at?: number }
  /** This text in UTF-8, each character in lower or in upper case. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "regexp"; readonly source: string; readonly program: Program }
  /** The whole payload is a message of this protocol, as its ports or its content tell. */
  | { readonly kind: "protocol"; readonly protocol: DecoderId }
  | FieldNeedle;

/** A field that a decoder finds in the payload passes a test. */
export interface FieldNeedle {
  readonly kind: "field";
  /** `dns.qry.name` */
  readonly name: string;
  readonly test: FieldTest;
}

/** What is asked of a value of a field. */
export interface FieldTest {
  /** Tests of the same key are the same. */
  readonly key: string;
  /** The answer for a number that was read; undefined where its text has to be asked. Left out: always. */
  readonly ofNumber?: ((value: number) => boolean | undefined) | undefined;
  /** The answer for the text that a decoder tells. */
  readonly ofText: (text: string) => boolean;
}

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

/** Two needles of the same key are the same needle. */
export function needleKey(needle: Needle): string {
  switch (needle.kind) {
    case "bytes":
      return `bytes ${needle.at ?? ""} ${needle.bytes.join()}`;
    case "text":
      return `text ${needle.text}`;
    case "regexp":
      return `regexp ${needle.source}`;
    case "protocol":
      return `protocol ${needle.protocol}`;
    case "field":
      return `field ${needle.name} ${needle.test.key}`;
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
    case "protocol":
    case "field":
      return undefined;
  }
}
