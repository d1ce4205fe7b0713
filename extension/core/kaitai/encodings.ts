/** Bytes to text; what is no text of that encoding becomes U+FFFD. */
export type DecodeText = (bytes: Uint8Array) => string;

export interface Encoding {
  /** As Kaitai Struct's style guide writes it. */
  readonly name: string;
  /** Bytes of its smallest unit: a terminator is so many zeros, and stands at a multiple of it. */
  readonly unit: 1 | 2 | 4;
  readonly decode: DecodeText;
}

/** Names that everybody writes and their canonical ones. */
const ALIASES = new Map([
  ["US-ASCII", "ASCII"],
  ["UTF8", "UTF-8"],
  ["UTF16LE", "UTF-16LE"],
  ["UTF16BE", "UTF-16BE"],
  ["LATIN1", "ISO-8859-1"],
  ["LATIN-1", "ISO-8859-1"],
  ["CP437", "IBM437"],
  ["437", "IBM437"],
  ["CP866", "IBM866"],
  ["SHIFT_JIS", "SJIS"],
  ["SHIFT-JIS", "SJIS"],
  ["EUCJP", "EUC-JP"],
  ["EUCKR", "EUC-KR"],
  ["BIG-5", "Big5"],
  ["KOI8R", "KOI8-R"],
  ["KOI8U", "KOI8-U"],
]);

/** Those that TextDecoder has in Node.js (with ICU) as in browsers (WHATWG Encoding), by their names here. */
const BY_TEXT_DECODER = ["SJIS", "EUC-JP", "EUC-KR", "Big5", "GB2312", "GBK", "GB18030"];
/** Of one byte a character; what WHATWG maps to another encoding keeps its control characters (see {@link table}). */
const OF_ONE_BYTE = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16]
  .map((part) => `ISO-8859-${part}`)
  .concat([0, 1, 2, 3, 4, 5, 6, 7, 8].map((page) => `windows-125${page}`))
  .concat("IBM866", "KOI8-R", "KOI8-U");

/** The upper half of code page 437, which TextDecoder lacks. */
const IBM437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

const NAMES: ReadonlyMap<string, string> = new Map(
  ["ASCII", "ISO-8859-1", "UTF-8", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE", "IBM437"]
    .concat(BY_TEXT_DECODER, OF_ONE_BYTE)
    .map((name) => [name.toUpperCase(), name]),
);

/** All that are known, by their canonical names. */
export const ENCODING_NAMES: readonly string[] = [...NAMES.values()];

const made = new Map<string, Encoding>();

/**
 * The encoding that a definition names, in whatever spelling; undefined where it is not known.
 * WHATWG's `ascii` and `iso-8859-1` are windows-1252: these two are not taken from TextDecoder.
 */
export function encodingOf(name: string): Encoding | undefined {
  const upper = name.toUpperCase();
  const compact = upper.replace(/^ISO_?8859/, "ISO-8859").replace(/^CP(125\d)$/, "WINDOWS-$1");
  const canonical = ALIASES.get(compact) ?? NAMES.get(compact);
  if (canonical === undefined) return undefined;
  let encoding = made.get(canonical);
  if (!encoding) {
    encoding = make(canonical);
    made.set(canonical, encoding);
  }
  return encoding;
}

function make(name: string): Encoding {
  const unit = name.startsWith("UTF-16") ? 2 : name.startsWith("UTF-32") ? 4 : 1;
  return { name, unit, decode: decoderOf(name) };
}

function decoderOf(name: string): DecodeText {
  if (name === "ASCII")
    return byTable((byte) => (byte < 0x80 ? String.fromCharCode(byte) : "\ufffd"));
  if (name === "ISO-8859-1") return byTable((byte) => String.fromCharCode(byte));
  if (name === "IBM437") {
    return byTable((byte) =>
      byte < 0x80 ? String.fromCharCode(byte) : (IBM437[byte - 0x80] ?? ""),
    );
  }
  if (name.startsWith("UTF-32")) return (bytes) => decodeUtf32(bytes, name.endsWith("LE"));
  const decoder = new TextDecoder(name.toLowerCase(), { ignoreBOM: true });
  if (OF_ONE_BYTE.includes(name)) {
    const isIso = name.startsWith("ISO");
    return byTable((byte) =>
      isIso && byte >= 0x80 && byte < 0xa0
        ? String.fromCharCode(byte)
        : decoder.decode(Uint8Array.of(byte)),
    );
  }
  return (bytes) => decoder.decode(bytes);
}

function byTable(characterOf: (byte: number) => string): DecodeText {
  const table = Array.from({ length: 256 }, (_, byte) => characterOf(byte));
  return (bytes) => {
    let text = "";
    for (const byte of bytes) text += table[byte];
    return text;
  };
}

function decodeUtf32(bytes: Uint8Array, isLittle: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = "";
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const code = view.getUint32(at, isLittle);
    const isScalar = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    text += isScalar ? String.fromCodePoint(code) : "\ufffd";
  }
  return bytes.length % 4 === 0 ? text : `${text}\ufffd`;
}
