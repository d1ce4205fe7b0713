import { Delivery } from "../capture/delivery.ts";
import type { Flow } from "../capture/flow_table.ts";
import { Direction } from "../files/capture_sink.ts";
import { parseAddress } from "../wire/address.ts";
import { SEND_FAILED } from "../wire/tap_identity.ts";
import { type EndTest, endCondition } from "./addresses.ts";
import { parseByteText } from "./bytes.ts";
import { type Expression, onFlow, onRow, or } from "./expression.ts";
import { isCaseless, textNeedle } from "./needle.ts";
import { LENGTH, numberCondition, PORT, ROUNDED_SECONDS } from "./numbers.ts";
import { WrongFilter } from "./problem.ts";
import type { FilterRow } from "./row.ts";
import type { Literal } from "./scanner.ts";

/** A condition of the form `name:value`. */
export interface Qualifier {
  /** A value that it takes, for reasons and proposals. */
  readonly example: string;
  /** All values that it takes, where there are only a few. */
  readonly choices?: readonly string[];
  condition(value: Literal): Expression;
}

const DIRECTIONS: Readonly<Record<string, Direction>> = { in: Direction.in, out: Direction.out };

/**
 * What can become of a datagram. `sent`: it went to where nobody looks, or nobody knows yet; `received`: its sender is
 * not watched, or another socket had received it before. So every row with a direction is exactly one of all but `delayed`,
 * `corrupted` (by a rule) and `cut`, as its note tells.
 */
const STATES: Readonly<Record<string, (row: FilterRow) => boolean>> = {
  sent: (row) =>
    row.delivery === Delivery.pending ||
    (row.delivery === Delivery.alone && row.flow.direction === Direction.out && !hasFailed(row)),
  received: (row) =>
    row.delivery === Delivery.copy ||
    (row.delivery === Delivery.alone && row.flow.direction === Direction.in),
  delivered: (row) => row.delivery === Delivery.delivered,
  lost: (row) => row.delivery === Delivery.lost,
  refused: (row) => row.delivery === Delivery.refused,
  unclear: (row) => row.delivery === Delivery.unclear,
  duplicate: (row) => row.delivery === Delivery.duplicate,
  dropped: (row) => row.delivery === Delivery.dropped,
  delayed: (row) => row.ruleEffects.some(({ effect }) => effect.delayMs !== undefined),
  corrupted: (row) => row.ruleEffects.some(({ effect }) => effect.flippedBit !== undefined),
  failed: hasFailed,
  cut: (row) => row.capturedLength < row.length,
};

export const QUALIFIERS: Readonly<Record<string, Qualifier>> = {
  from: end("127.0.0.1:9999", (test, flow) => test(flow.sourceAddress, flow.sourcePort)),
  to: end("127.0.0.1:9999", (test, flow) => test(flow.destinationAddress, flow.destinationPort)),
  addr: end(
    "127.0.0.1:9999",
    (test, flow) =>
      test(flow.sourceAddress, flow.sourcePort) ||
      test(flow.destinationAddress, flow.destinationPort),
  ),
  peer: {
    example: "127.0.0.1:9999",
    condition(value) {
      const test = endCondition(value);
      return { kind: "flow", test: (flow) => isPeer(test, flow), asShown: true };
    },
  },
  port: {
    example: "9999",
    condition(value) {
      const test = numberCondition(PORT, value);
      return onFlow((flow) => test(flow.sourcePort) || test(flow.destinationPort));
    },
  },
  dir: {
    example: "in",
    choices: Object.keys(DIRECTIONS),
    condition(value) {
      const direction = choice(DIRECTIONS, value);
      return { kind: "flow", test: (flow) => flow.direction === direction, asShown: true };
    },
  },
  len: {
    example: ">100",
    condition(value) {
      const test = numberCondition(LENGTH, value);
      return onRow((row) => test(row.length));
    },
  },
  time: {
    example: ">1.5",
    condition(value) {
      const test = numberCondition(ROUNDED_SECONDS, value);
      return {
        kind: "row",
        test: (row) => test(row.time - row.firstTime),
        dependsOn: "firstTime",
      };
    },
  },
  is: {
    example: "lost",
    choices: Object.keys(STATES),
    condition: (value) => onRow(choice(STATES, value)),
  },
  socket: { example: "127.0.0.1:9999", condition: socketCondition },
  program: {
    example: "udp_server.ts",
    condition(value) {
      const test = textTest(value);
      return { kind: "flow", test: (_, { program }) => test(program.name), dependsOn: "sockets" };
    },
  },
  comment: {
    example: "EMSGSIZE",
    condition(value) {
      const test = textTest(value);
      return onRow((row) => test(row.comment));
    },
  },
  hex: {
    example: "48:65",
    condition: (value) => ({
      kind: "needle",
      needle: { kind: "bytes", bytes: parseByteText(value) },
    }),
  },
};

/** What a text stands for on its own: it is in the payload. */
export function payloadText(literal: Literal): Expression {
  return {
    kind: "needle",
    needle: literal.isText ? textNeedle(literal.text) : { kind: "bytes", bytes: literal.bytes },
  };
}

/** True where a text holds the literal's, in smart case. */
function textTest(literal: Literal): (value: string) => boolean {
  const { text } = literal;
  if (!literal.isText) throw new WrongFilter(literal, "notText");
  if (!isCaseless(text)) return (value) => value.includes(text);
  const lower = text.toLowerCase();
  return (value) => value.toLowerCase().includes(lower);
}

function end(example: string, holds: (test: EndTest, flow: Flow) => boolean): Qualifier {
  return {
    example,
    condition(value) {
      const test = endCondition(value);
      return onFlow((flow) => holds(test, flow));
    },
  };
}

/** The other end, as the grid's column has it: see peerEnd(). */
function isPeer(test: EndTest, flow: Flow): boolean {
  return flow.direction === Direction.in
    ? test(flow.sourceAddress, flow.sourcePort)
    : test(flow.destinationAddress, flow.destinationPort);
}

/**
 * A local end, where the value is one; else a part of the name, which may be anything, such as `eth0`. What was lost on
 * the way to a local end belongs to it as well, although its sender alone has recorded it.
 */
function socketCondition(value: Literal): Expression {
  const hasText = textTest(value);
  const isEnd = /^(?=.*\d)[\d.:/[\]]+$|^\[|^localhost(?::|$)/.test(value.text);
  const test = isEnd || /^[\da-f:]*:[\da-f:]*$/i.test(value.text) ? endCondition(value) : undefined;
  const recorded: Expression = {
    kind: "flow",
    test: (_, { name, local }) => {
      const address = local && parseAddress(local.address);
      return test && address ? test(address, local.port) : hasText(name);
    },
    dependsOn: "sockets",
  };
  if (!test) return recorded;
  return or([recorded, onRow((row) => goesTo(test, row.flow) && isMissed(row))]);
}

const ANY_IPV4 = new Uint8Array(4);
const ANY_IPV6 = new Uint8Array(16);

/** True where a socket of that local end may have been meant to get it: one on a wildcard has all addresses. */
function goesTo(test: EndTest, { destinationAddress, destinationPort }: Flow): boolean {
  return (
    test(destinationAddress, destinationPort) ||
    (destinationAddress.length === 4 && test(ANY_IPV4, destinationPort)) ||
    test(ANY_IPV6, destinationPort)
  );
}

/** Whether the program that it went to never had it. */
function isMissed({ delivery }: FilterRow): boolean {
  return delivery === Delivery.lost || delivery === Delivery.dropped;
}

function hasFailed(row: FilterRow): boolean {
  return row.comment.includes(SEND_FAILED);
}

function choice<T>(choices: Readonly<Record<string, T>>, value: Literal): T {
  const chosen = Object.hasOwn(choices, value.text) ? choices[value.text] : undefined;
  if (chosen === undefined) {
    throw new WrongFilter(value, "badChoice", value.text, Object.keys(choices).join(", "));
  }
  return chosen;
}
