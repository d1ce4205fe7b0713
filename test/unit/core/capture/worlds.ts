import assert from "node:assert/strict";
import fc from "fast-check";
import type { CaptureSink } from "../../../../extension/core/files/capture_sink.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import type { Endpoint } from "../../../../extension/core/wire/endpoint.ts";
import { formatEndpoint } from "../../../../extension/core/wire/endpoint.ts";
import { formatSocket } from "../../../../extension/core/wire/tap_identity.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";

/** What really became of a sending: known to the world, and to nobody in it. */
export interface Truth {
  /** Sockets that received it, in their order. */
  readonly receivers: readonly number[];
  /** Whether its payload is that of no other sending. */
  readonly isOnly: boolean;
  readonly isForMany: boolean;
  /** The network has told that it was refused. */
  readonly isRefused: boolean;
}

/** What a file tells, one call a step. */
export type Step = (sink: CaptureSink) => void;

/** A file that a tap or a command that captures has written; `truth` is undefined for what is no sending. */
export interface WorldFile {
  readonly name: string;
  readonly writer: string;
  readonly startedAt: number;
  readonly steps: readonly Step[];
  /** The truth of the sending at each `payloadFileOffset`. */
  readonly truths: ReadonlyMap<number, Truth>;
  /** Which sending each datagram is, by its `payloadFileOffset`. */
  readonly numbers: ReadonlyMap<number, number>;
  /** A command that captures has written it. */
  readonly isForeign: boolean;
  /** The payload at each `payloadFileOffset`. */
  readonly payloads: ReadonlyMap<number, Uint8Array>;
  /** A killed program does not tell that its sockets are closed. */
  readonly isKilled: boolean;
}

const START_US = 1_700_000_000_000_000;
const ANY = "0.0.0.0";
const GROUP = "239.1.1.1";
/** An address of this machine, and one of another. */
const LAN = "10.0.0.5";
const DISTANT = "10.0.0.9";
/** Half of what two clocks may differ by. */
const MOST_SKEW_US = 2_500;

const socketOf = fc.record({
  program: fc.nat(2),
  address: fc.constantFrom("127.0.0.1", "127.0.0.2", ANY, ANY, LAN),
  port: fc.constantFrom(5000, 5060, 9999),
  /** Milliseconds after the start. */
  bound: fc.nat(400),
  open: fc.integer({ min: 50, max: 900 }),
  connects: fc.boolean(),
});
type WorldSocket = typeof socketOf extends fc.Arbitrary<infer T> ? T : never;

const sendingOf = fc.record({
  socket: fc.nat(5),
  address: fc.constantFrom("127.0.0.1", "127.0.0.1", "127.0.0.2", LAN, DISTANT, GROUP),
  port: fc.constantFrom(5000, 5060, 9999),
  payload: fc.nat(3),
  at: fc.nat(1200),
  delayUs: fc.constantFrom(0, 30, 400, 3_000, 40_000),
  fate: fc.constantFrom("arrives", "arrives", "arrives", "lost", "doubled", "refused", "refused"),
  message: fc.constantFrom("by a tap", "headers", "whole"),
  /** A command that captures has missed it. */
  isMissed: fc.constantFrom(false, false, false, true),
});
const PAYLOAD_BYTES = 24;
/** The program whose file is that of a command that captures. */
const COMMAND = 3;
/** Its interface: none of a socket. */
const COMMAND_INTERFACE = 100;

/**
 * Some programs on one machine, their sockets and what they send: to each other, to groups, to themselves and to another
 * machine. `isOnly`: no two payloads are the same.
 */
export const worlds = fc
  .record({
    sockets: fc.array(socketOf, { minLength: 2, maxLength: 6 }),
    sendings: fc.array(sendingOf, { maxLength: 30 }),
    skewsUs: fc.tuple(
      ...[0, 1, 2].map(() => fc.integer({ min: -MOST_SKEW_US, max: MOST_SKEW_US })),
    ),
    killed: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
    cut: fc.nat(40),
    /** What a command that captures tells of each: nothing, or it goes through an interface that tells no direction, or two. */
    command: fc.constantFrom("none", "undirected", "in and out"),
    /** Payload bytes that it keeps. */
    keeps: fc.constantFrom(PAYLOAD_BYTES, PAYLOAD_BYTES, 18, 4),
    isOnly: fc.boolean(),
    /** Where payloads differ. */
    differsAt: fc.constantFrom(0, PAYLOAD_BYTES - 1),
  })
  .map(({ sockets, sendings, ...rest }) => world(sockets, sendings, rest));

interface Event {
  readonly program: number;
  /** By the machine's clock, microseconds. */
  readonly at: number;
  readonly tell: (sink: CaptureSink, offset: number, time: number) => void;
  readonly truth?: Truth;
  readonly number?: number;
  readonly payload?: Uint8Array;
  /** The socket that it describes. */
  readonly described?: number;
}

function world(
  sockets: readonly WorldSocket[],
  sendings: readonly {
    socket: number;
    address: string;
    port: number;
    payload: number;
    at: number;
    delayUs: number;
    fate: string;
    message: string;
    isMissed: boolean;
  }[],
  how: {
    skewsUs: readonly number[];
    killed: readonly boolean[];
    cut: number;
    command: string;
    keeps: number;
    isOnly: boolean;
    differsAt: number;
  },
): WorldFile[] {
  const events: Event[] = [];
  const localEnd = ({ address, port }: WorldSocket): Endpoint => ({ address, port });
  const isOpen = ({ bound, open }: WorldSocket, at: number) =>
    at >= bound * 1000 + 2 * MOST_SKEW_US && at <= (bound + open) * 1000 - 2 * MOST_SKEW_US;
  for (const [number, sending] of sendings.entries()) {
    const sender = sockets[sending.socket % sockets.length] ?? assert.fail();
    const at = sending.at * 1000 + number;
    if (!isOpen(sender, at)) continue;
    const destination = { address: sending.address, port: sending.port };
    // Nothing but the loopback leads to the loopback.
    const isToLoopback = sending.address.startsWith("127.");
    const senderIsLoopback = sender.address.startsWith("127.");
    if (senderIsLoopback && !isToLoopback) continue;
    const source = {
      address: sender.address === ANY ? (isToLoopback ? "127.0.0.1" : LAN) : sender.address,
      port: sender.port,
    };
    const isRefused = sending.fate === "refused";
    // Of what goes to the loopback a system knows at once that nobody has the port.
    const arrival = isRefused && isToLoopback ? at : at + sending.delayUs;
    const isForMany = sending.address === GROUP;
    const listening = sockets.filter(
      (socket) => socket.port === sending.port && isOpen(socket, arrival),
    );
    const exact = listening.filter(({ address }) => address === sending.address);
    const wild =
      sending.address === DISTANT ? [] : listening.filter(({ address }) => address === ANY);
    const receivers =
      sending.fate === "lost" || isRefused
        ? []
        : isForMany
          ? wild
          : [...exact, ...wild].slice(0, 1);
    const payload = new Uint8Array(PAYLOAD_BYTES);
    payload[how.differsAt] = how.isOnly ? number : sending.payload;
    const length = PAYLOAD_BYTES;
    const bytes = (from: Endpoint, to: Endpoint, extra: object) => {
      const record = datagramRecord(from, to, { capturedLength: length, length, ...extra });
      record.bytes.set(payload.subarray(0, record.capturedLength), record.payload);
      return record;
    };
    const socketNumber = sockets.indexOf(sender);
    const truth: Truth = {
      receivers: receivers.map((socket) => sockets.indexOf(socket)),
      isOnly: how.isOnly,
      isForMany,
      isRefused,
    };
    events.push({
      program: sender.program,
      at,
      truth,
      number,
      payload,
      tell: (sink, payloadFileOffset, time) =>
        sink.datagram(
          bytes(localEnd(sender), destination, {
            interfaceId: socketNumber,
            direction: Direction.out,
            payloadFileOffset,
            time,
          }),
        ),
    });
    if (isRefused) {
      const extra = { interfaceId: socketNumber, direction: Direction.in };
      const comment = sending.message === "by a tap" ? "refused: ECONNREFUSED" : "";
      const capturedLength = sending.message === "whole" ? length : 0;
      events.push({
        program: sender.program,
        at: arrival,
        tell: (sink, payloadFileOffset, time) => {
          const rest = { ...extra, comment, payloadFileOffset, time };
          const quoted = bytes(localEnd(sender), destination, rest);
          sink.refusal?.({ ...quoted, capturedLength }, "port");
        },
      });
    }
    const ways = how.command === "undirected" ? [Direction.unknown] : [Direction.out, Direction.in];
    for (const [index, direction] of ways.entries()) {
      if (how.command === "none" || sending.isMissed) break;
      events.push({
        program: COMMAND,
        at: at + 5 + index,
        number,
        payload,
        tell: (sink, payloadFileOffset, time) =>
          sink.datagram(
            bytes(source, destination, {
              interfaceId: COMMAND_INTERFACE,
              direction,
              capturedLength: how.keeps,
              payloadFileOffset,
              time,
            }),
          ),
      });
    }
    for (const socket of receivers) {
      for (let copy = 0; copy < (sending.fate === "doubled" ? 2 : 1); copy++) {
        events.push({
          program: socket.program,
          at: arrival + copy,
          number,
          payload,
          tell: (sink, payloadFileOffset, time) =>
            sink.datagram(
              bytes(source, localEnd(socket), {
                interfaceId: sockets.indexOf(socket),
                direction: Direction.in,
                payloadFileOffset,
                time,
              }),
            ),
        });
      }
    }
  }
  if (how.command !== "none") {
    events.push({ program: COMMAND, at: 0, tell: describeCommand });
  }
  for (const [number, socket] of sockets.entries()) {
    const bound = socket.bound * 1000;
    const closed = (socket.bound + socket.open) * 1000;
    events.push({
      program: socket.program,
      at: bound,
      described: number,
      tell: (sink, offset, time) => {
        describe_(sink, number, socket);
        sink.statistics({ id: number, startTime: time }, offset, time);
      },
    });
    if (how.killed[socket.program]) continue;
    events.push({
      program: socket.program,
      at: closed,
      tell: (sink, offset, time) => {
        const startTime = time - closed + bound;
        sink.statistics({ id: number, startTime, endTime: time }, offset, time);
      },
    });
  }
  return [0, 1, 2, COMMAND].flatMap((program) => {
    const own = events.filter((event) => event.program === program).sort((a, b) => a.at - b.at);
    if (own.length === 0) return [];
    const isForeign = program === COMMAND;
    const writer = `${START_US / 1000}-${program + 1}.${isForeign ? "command" : 0}`;
    const isKilled = how.killed[program] === true;
    const skewUs = how.skewsUs[program] ?? 0;
    // A program starts a second segment somewhere, in which its sockets are described again.
    const cut = how.cut % (own.length + 1);
    return [own.slice(0, cut), own.slice(cut)].map((part, segment): WorldFile => {
      const truths = new Map<number, Truth>();
      const numbers = new Map<number, number>();
      const payloads = new Map<number, Uint8Array>();
      const steps: Step[] = [];
      if (segment === 1 && isForeign && cut > 0) steps.push(describeCommand);
      if (segment === 1) {
        for (const { described } of own.slice(0, cut)) {
          const socket = described === undefined ? undefined : sockets[described];
          if (socket) steps.push((sink) => describe_(sink, described ?? 0, socket));
        }
      }
      for (const [index, { at, tell, truth, number, payload }] of part.entries()) {
        const offset = index * 100;
        if (payload) payloads.set(offset, payload);
        if (number !== undefined) numbers.set(offset, number);
        if (truth) truths.set(offset, truth);
        steps.push((sink) => tell(sink, offset, START_US + at + skewUs));
      }
      const name = `${writer}-00000${segment + 1}`;
      return {
        name,
        writer,
        startedAt: START_US,
        steps,
        truths,
        numbers,
        payloads,
        isKilled,
        isForeign,
      };
    });
  });
}

function describeCommand(sink: CaptureSink): void {
  sink.interface({ id: COMMAND_INTERFACE, name: "any", description: "", comments: [] });
}

function describe_(
  sink: CaptureSink,
  number: number,
  { address, port, program }: WorldSocket,
): void {
  sink.interface({
    id: number,
    name: formatEndpoint({ address, port }),
    description: formatSocket({
      program: `program${program}.ts`,
      pid: program + 1,
      thread: 0,
      socket: number + 1,
    }),
    comments: [],
  });
}
