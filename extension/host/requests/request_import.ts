import { formatEndpoint } from "../../core/wire/endpoint.ts";

/** A datagram of somebody else's file, as it is sent. */
interface Imported {
  readonly title: string;
  readonly to: string;
  /** The lines of the payload. */
  readonly payload: readonly string[];
}

const BYTES_PER_LINE = 16;

/**
 * Request blocks for what was written for other tools: packets that Packet Sender has exported as JSON or keeps as ini,
 * command lines of nc and of udp_client, and hex dumps, which are payloads alone.
 *
 * @returns undefined where it is none of them
 */
export function importRequests(text: string): string | undefined {
  const imported = fromJson(text) ?? fromIni(text) ?? fromCommands(text);
  if (imported && imported.length > 0) {
    return imported
      .map(({ title, to, payload }) => [`### ${title}`, `SEND ${to}`, ...payload, ""].join("\n"))
      .join("\n");
  }
  return fromDump(text)?.join("\n");
}

function fromJson(text: string): Imported[] | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return undefined;
  }
  const packets: unknown[] = Array.isArray(given) ? given : [given];
  return packets.flatMap((packet) => {
    return typeof packet === "object" && packet !== null ? fromPacket({ ...packet }) : [];
  });
}

function fromIni(text: string): Imported[] | undefined {
  if (!/^\[.+\]\s*$/m.test(text) || !/^hexString=/m.test(text)) return undefined;
  return text.split(/^(?=\[)/m).flatMap((section) => {
    const [, name = ""] = /^\[(.+)\]/.exec(section) ?? [];
    const values = section.matchAll(/^(\w+)="?(.*?)"?\s*$/gm);
    return fromPacket({ name: unescaped(name), ...Object.fromEntries(pairs(values)) });
  });
}

function pairs(matches: Iterable<RegExpMatchArray>): [string, string][] {
  return Array.from(matches, ([, key = "", value = ""]) => [key, value]);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A packet of Packet Sender; those of TCP are none for us. */
function fromPacket(packet: Readonly<Record<string, unknown>>): Imported[] {
  const { name, toIP, port, hexString, tcpOrUdp = "UDP" } = packet;
  const digits = String(hexString ?? "").replaceAll(/\s/g, "");
  const isPacket = typeof toIP === "string" && Number(port) > 0 && /^([\da-f]{2})*$/i.test(digits);
  if (!isPacket || !/udp/i.test(String(tcpOrUdp))) return [];
  return [
    {
      title: titled(String(name ?? "")),
      to: endpoint(toIP, String(port)),
      payload: hexLines(digits),
    },
  ];
}

function fromCommands(text: string): Imported[] | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const imported = lines.flatMap((line) => fromNetcat(line) ?? fromClient(line) ?? []);
  return imported.length > 0 ? imported : undefined;
}

/** `printf %b '\0150\0151' | nc -u -w 1 127.0.0.1 9999`, `echo -n hello | nc -u localhost 9999` */
function fromNetcat(line: string): Imported[] | undefined {
  const [, before = "", after = ""] = /^(.*?)\|\s*(?:nc|ncat|netcat)\s(.*)$/.exec(line) ?? [];
  const words = wordsOf(after);
  if (!words.some((word) => /^-\w*u/.test(word))) return undefined;
  const [host, port] = words.slice(-2);
  const [program, ...rest] = wordsOf(before.trim().replace(/^\$\s*/, ""));
  const [payload = ""] = rest.filter((word) => !/^(-\w+|%b|%s)$/.test(word));
  if (!host || !/^\d+$/.test(port ?? "") || !/^(printf|echo)$/.test(program ?? ""))
    return undefined;
  const isEscaped = program === "printf" || rest.some((word) => /^-\w*e/.test(word));
  const isEnded = program === "echo" && !rest.some((word) => /^-\w*n/.test(word));
  const bytes = Buffer.concat([
    isEscaped ? unescapedBytes(payload) : Buffer.from(payload),
    Buffer.from(isEnded ? "\n" : ""),
  ]);
  return [{ title: titled(line), to: endpoint(host, port ?? ""), payload: linesOf(bytes) }];
}

/** `udp_client.ts --host 127.0.0.1 --port 9999 --format hex 6869` */
function fromClient(line: string): Imported[] | undefined {
  const [, after] = /\budp_client(?:\.\w+)?\s+(.*)$/.exec(line) ?? [];
  if (after === undefined) return undefined;
  const options = new Map<string, string>();
  const messages: string[] = [];
  const words = wordsOf(after);
  for (let at = 0; at < words.length; at++) {
    const [word = "", value = ""] = words.slice(at);
    if (/^--(host|port|format|timeout|count|from)$/.test(word)) {
      options.set(word.slice(2), value);
      at++;
    } else if (!word.startsWith("--")) messages.push(word);
  }
  const to = endpoint(options.get("host") ?? "127.0.0.1", options.get("port") ?? "9999");
  const format = options.get("format") ?? "text";
  return messages.map((message) => {
    const bytes =
      format === "hex" || format === "base64" ? Buffer.from(message, format) : undefined;
    const escaped = format === "escaped" ? unescapedBytes(message) : Buffer.from(message);
    return { title: titled(message), to, payload: linesOf(bytes ?? escaped) };
  });
}

/** The words of a line of a shell, without what quotes them. */
function wordsOf(line: string): string[] {
  const words = line.matchAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|(\S+)/g);
  return Array.from(words, ([, single, double, bare]) => {
    return single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? bare ?? "";
  });
}

/** `\0150` and `\x68` are bytes, `\n` is a line feed. */
function unescapedBytes(text: string): Buffer {
  const latin = Buffer.from(text).toString("latin1");
  const simple: Record<string, string> = { n: "\n", r: "\r", t: "\t", "\\": "\\" };
  const form = /\\(?:x([\da-f]{1,2})|0?([0-7]{1,3})|([nrt\\]))/gi;
  const bytes = latin.replace(form, (all, hex?: string, octal?: string, other?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
    return simple[other ?? ""] ?? all;
  });
  return Buffer.from(bytes, "latin1");
}

/** Lines of an offset, pairs of digits, and what they look like as text. */
function fromDump(text: string): string[] | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const form = /^\s*(?:0x)?([\da-f]{4,8}):?\s+((?:[\da-f]{2}[ \t]{0,2}){1,16})(?:\s.*|\|.*)?$/i;
  const rows = lines.map((line) => form.exec(line));
  if (rows.length === 0 || !rows.every((row) => row)) return undefined;
  return hexLines(rows.map((row) => row?.[2]?.replaceAll(/\s/g, "") ?? "").join(""));
}

function linesOf(bytes: Buffer): readonly string[] {
  const text = bytes.toString();
  return /^[ -~]*$/.test(text) && !/["\\]|\{\{/.test(text)
    ? [`"${text}"`]
    : hexLines(bytes.toString("hex"));
}

function hexLines(digits: string): string[] {
  if (digits === "") return ['""'];
  const line = new RegExp(`.{1,${2 * BYTES_PER_LINE}}`, "g");
  return (digits.toLowerCase().match(line) ?? []).map((part) => {
    return `hex ${part.replace(/..(?!$)/g, "$& ")}`;
  });
}

function endpoint(address: string, port: string): string {
  return formatEndpoint({ address, port: Number(port) });
}

/** In one line, and not of all of it. */
function titled(text: string): string {
  const line = text.replaceAll(/[^ -~\p{L}\p{N}]/gu, " ").trim();
  return line.slice(0, 60) || "Imported";
}
