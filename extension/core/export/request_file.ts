import { latin1 } from "../decode/latin1.ts";
import { formatHex } from "../text/hex.ts";
import { printableBytes } from "../text/printable.ts";
import { type Endpoint, formatEndpoint } from "../wire/endpoint.ts";

/** A datagram that asked, and what came for it, in its order. */
export interface Asked {
  readonly request: Uint8Array;
  readonly answers: readonly Uint8Array[];
}

const BYTES_PER_LINE = 16;
const MOST_TEXT = 80;
const MOST_TITLE = 40;

/**
 * A request file (docs/request_files.md) that asks what was asked, each datagram once, and expects what was answered. What
 * differs between answers of the same kind is left open.
 */
export function requestsText(asked: readonly Asked[], to: Endpoint): string {
  return recordingText([{ asked, to }]);
}

/** The same of several conversations, each with an end of its own that answered. */
export function recordingText(
  conversations: readonly { readonly asked: readonly Asked[]; readonly to: Endpoint }[],
): string {
  const named = conversations.map(({ asked, to }, index) => {
    const name = index === 0 ? "device" : `device_${index + 1}`;
    return { naming: `@${name} = ${formatEndpoint(to)}\n`, blocks: requestBlocks(asked, name) };
  });
  const names = named.map(({ naming }) => naming).join("");
  return `${names}\n${named.flatMap(({ blocks }) => blocks).join("\n")}`;
}

function requestBlocks(asked: readonly Asked[], device: string): readonly string[] {
  const isAnswering = asked.some(({ answers }) => answers.length > 0);
  return withOpenParts(asked).map(({ request, answers, open }) => {
    const send = [`### ${titleOf(request)}`, `SEND {{${device}}}`, ...payloadLines(request)];
    const expectations = answers.map((answer, index) => [
      ...["", "EXPECT 1"],
      ...checks(answer, open[index] ?? new Set()),
    ]);
    // Of a program that answers, silence was an answer, too.
    if (isAnswering && answers.length === 0) expectations.push(["", "EXPECT 0 within 200ms"]);
    return `${[...send, ...expectations.flat()].join("\n")}\n`;
  });
}

/**
 * A request file that answers as was answered. Where the answers to two datagrams differ only in what these brought
 * themselves, one rule is for both, and gives that back.
 */
export function mockText(asked: readonly Asked[], at: Endpoint): string {
  const rules = mockKinds(asked).map(({ request, answers, open }) => {
    const when = checks(request, open).map((check, index) => `${index ? "AND" : "WHEN"} ${check}`);
    const replies = answers.map((answer) => {
      const [first = '""', ...rest] = replyLines(answer, request, open);
      return [`REPLY ${first}`, ...rest].join("\n");
    });
    return [...when, ...replies].join("\n");
  });
  return `### ${formatEndpoint(at)}\nSERVE ${formatEndpoint(at)}\n${rules.map((rule) => `${rule}\n`).join("")}`;
}

/** What was asked, and what of its answers may be anything, by the place of the answer. */
interface OpenAsked extends Asked {
  readonly open: readonly Set<number>[];
}

/** Each request once, in their order. Those that are asked alike share what is open. */
function withOpenParts(asked: readonly Asked[]): readonly OpenAsked[] {
  const kinds = new Map<string, OpenAsked[]>();
  const distinct = new Map<string, OpenAsked>();
  for (const one of asked) {
    const alike = sameShape(kinds, one);
    const first = alike.slice(0, MOST_ALIKE).find((it) => isAlike(it, one));
    const kind = first ?? { ...one, open: one.answers.map(() => new Set<number>()) };
    if (!first) alike.push(kind);
    for (const [index, answer] of one.answers.entries()) {
      const other = kind.answers[index] ?? answer;
      for (const at of differences(answer, other)) {
        // What was asked comes back: it is the same next time.
        const isEcho = answer[at] === one.request[at] && other[at] === kind.request[at];
        if (!isEcho) kind.open[index]?.add(at);
      }
    }
    const request = formatHex(one.request);
    if (!distinct.has(request)) distinct.set(request, { ...one, open: kind.open });
  }
  return [...distinct.values()];
}

/** So many are compared with: a conversation may have thousands of one length. */
const MOST_ALIKE = 16;

/** Those that are as long, with answers as long. */
function sameShape<T extends Asked>(kinds: Map<string, T[]>, { request, answers }: Asked): T[] {
  const shape = [request, ...answers].map(({ length }) => length).join();
  const known = kinds.get(shape) ?? [];
  kinds.set(shape, known);
  return known;
}

/** A rule of a mock: of the request, what is open may be anything. */
interface MockKind extends Asked {
  readonly open: Set<number>;
}

function mockKinds(asked: readonly Asked[]): readonly MockKind[] {
  const kinds = new Map<string, MockKind[]>();
  // Of what was asked twice, the first answers count.
  const distinct = new Map(asked.map((one) => [formatHex(one.request), one] as const).reverse());
  const each = [...distinct.values()].reverse();
  for (const one of each) {
    const alike = sameShape(kinds, one);
    const kind = alike.slice(0, MOST_ALIKE).find((it) => isAlike(it, one) && givesBack(it, one));
    if (!kind) alike.push({ ...one, open: new Set() });
    else for (const at of differences(kind.request, one.request)) kind.open.add(at);
  }
  // The first that fits answers: so those that fit the least come first.
  const rules = [...kinds.values()].flat().sort((a, b) => a.open.size - b.open.size);
  // What a rule for others would answer otherwise has one of its own, above them all.
  const exceptions = each.filter((one) => {
    const rule = rules.find((it) => isFor(it, one.request));
    return rule && !answersAs(rule, one);
  });
  return [...exceptions.map((one) => ({ ...one, open: new Set<number>() })), ...rules];
}

function isFor({ request, open }: MockKind, other: Uint8Array): boolean {
  return request.length === other.length && differences(request, other).every((at) => open.has(at));
}

function answersAs(rule: MockKind, one: Asked): boolean {
  const lengths = ({ answers }: Asked) => answers.map(({ length }) => length).join();
  return lengths(rule) === lengths(one) && givesBack(rule, one);
}

/** Whether the answers differ only where they have what was asked. */
function givesBack(one: Asked, other: Asked): boolean {
  return one.answers.every((answer, index) => {
    const another = other.answers[index] ?? answer;
    return differences(answer, another).every(
      (at) => answer[at] === one.request[at] && another[at] === other.request[at],
    );
  });
}

/**
 * Whether two requests of the same length are of one kind: at least half of them is the same, or all that is not comes back
 * in the answers, as the ids of a protocol do.
 */
function isAlike(one: Asked, other: Asked): boolean {
  const differing = differences(one.request, other.request);
  if (2 * differing.length <= one.request.length) return true;
  return differing.every((at) => comesBack(one, at) && comesBack(other, at));
}

function comesBack({ request, answers }: Asked, at: number): boolean {
  return answers.some((answer) => answer[at] === request[at]);
}

function differences(one: Uint8Array, other: Uint8Array): number[] {
  const at: number[] = [];
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) at.push(index);
  return at;
}

/** What is true of a payload, a line each: its bytes, but for those that are open. */
function checks(payload: Uint8Array, open: ReadonlySet<number>): string[] {
  if (payload.length === 0) return ["length == 0"];
  if (open.size === 0) return [`bytes == ${value(payload)}`];
  const fixed = runs(payload.length, (at) => !open.has(at)).map(
    ([start, end]) => `bytes[${start}..${end}] == ${value(payload.subarray(start, end))}`,
  );
  return [`length == ${payload.length}`, ...fixed];
}

/** From where to where something holds, `end` exclusive. */
function runs(length: number, holds: (at: number) => boolean): [start: number, end: number][] {
  const found: [number, number][] = [];
  for (let at = 0; at < length; at++) {
    const last = found.at(-1);
    if (!holds(at)) continue;
    if (last && last[1] === at) last[1] = at + 1;
    else found.push([at, at + 1]);
  }
  return found;
}

/** An answer, with what it gives back of an open part of the request. */
function replyLines(
  answer: Uint8Array,
  request: Uint8Array,
  open: ReadonlySet<number>,
): readonly string[] {
  const isEcho = (at: number) => open.has(at) && answer[at] === request[at];
  const lines: string[] = [];
  let from = 0;
  for (const [start, end] of runs(answer.length, isEcho)) {
    if (start > from) lines.push(...payloadLines(answer.subarray(from, start)));
    lines.push(`{{request[${start}..${end}]}}`);
    from = end;
  }
  if (from < answer.length || answer.length === 0)
    lines.push(...payloadLines(answer.subarray(from)));
  return lines;
}

/** A payload, as it stands in a file: text where it is that. */
function payloadLines(payload: Uint8Array): readonly string[] {
  const size = isText(payload) ? MOST_TEXT : BYTES_PER_LINE;
  const count = Math.max(1, Math.ceil(payload.length / size));
  return Array.from({ length: count }, (_, index) =>
    value(payload.subarray(index * size, (index + 1) * size), isText(payload)),
  );
}

function value(bytes: Uint8Array, asText = isText(bytes)): string {
  if (!asText) return `hex ${formatHex(bytes).replace(/..(?!$)/g, "$& ")}`;
  const text = latin1(bytes).replace(/[\\"]/g, "\\$&");
  const escapes: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  // Two braces would begin a name.
  const inner = text.replace(/[\n\r\t]/g, (it) => escapes[it] ?? it).replaceAll("{{", "\\x7b\\x7b");
  return `"${inner}"`;
}

function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || [9, 10, 13].includes(byte));
}

function titleOf(request: Uint8Array): string {
  if (request.length === 0) return "Nothing";
  const start = request.subarray(0, MOST_TITLE);
  const text = printableBytes(start).trim();
  const isReadable = isText(start) && text !== "";
  return isReadable ? text : formatHex(request.subarray(0, 12)).replace(/..(?!$)/g, "$& ");
}
