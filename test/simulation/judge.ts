import type { Capture } from "../../extension/core/capture/capture.ts";
import type { CapturedSocket } from "../../extension/core/capture/captured_socket.ts";
import { Delivery, LOST_AFTER_US } from "../../extension/core/capture/delivery.ts";
import { REACH, SKEW_US } from "../../extension/core/capture/pairing.ts";
import { NEAR_US } from "../../extension/core/capture/sightings.ts";
import { type Arrival, isWildcardFor, type TrueDatagram } from "./network.ts";
import type { SimulatedSocket, TrueRecord } from "./program.ts";
import { recordKey, type SimulatedWindow, type ToldRecord } from "./window.ts";
import type { World } from "./world.ts";

/** The tap keeps a record in memory for so long at most, milliseconds; a busy timer gets some more. */
const IN_MEMORY_MS = 25;

/** What is wrong with what a window tells, each in a sentence; none where it agrees with the world. */
export function faultsOf(window: SimulatedWindow, world: World): string[] {
  const truth = new Truth(world, window.path);
  const all = window.records();
  const faults: string[] = [];
  const told = all.filter(({ isForeign }) => !isForeign);
  for (const { isForeign, key, delivery } of all) {
    const isPossible = isForeign ? ["alone", "seen"].includes(delivery) : delivery !== "seen";
    if (!isPossible) faults.push(`${key} is ${delivery}`);
  }
  if (!world.isClockSet) faults.push(...wrongSightings(all, truth));
  const seen = new Set<string>();
  for (const record of told) {
    if (!truth.records.has(record.key)) faults.push(`${record.key} is told, and never was`);
    // While a clock that was set back waits for the time of day, records have the same time.
    if (seen.has(record.key) && !world.isClockSet) faults.push(`${record.key} is told twice`);
    seen.add(record.key);
  }
  // What somebody else has removed, nobody knows who has not seen it before.
  const isWhole = !world.removed.has(window.path) && !world.cut.has(window.path);
  if (isWhole) faults.push(...uncounted(window, world, seen));
  // A clock that was set tells two programs apart for a while: only then may a verdict be wrong.
  if (!world.isClockSet) faults.push(...wrongVerdicts(told, truth, window, isWhole));
  return faults;
}

/** Where two windows tell of the same capture otherwise. */
export function differences(
  one: SimulatedWindow,
  other: SimulatedWindow,
  { isClockSet, cut }: World,
): string[] {
  // While the clock is behind, time does not pass for one that has waited already. Who has read more of a file than there
  // is now shows nothing of it.
  if (isClockSet || cut.has(one.path)) return [];
  const text = ({ key, delivery, partner }: ToldRecord) =>
    `${key}: ${delivery}${partner === undefined ? "" : ` with ${partner}`}`;
  // One whose program runs is known as long as the window, though its files had to go.
  const closed = ({ capture }: SimulatedWindow) =>
    [...capture.sockets]
      .filter(({ state }) => state !== "bound")
      .map((socket) => `${socketName(socket)} on ${socket.name}, ${socket.state}`);
  const ofOne = new Set([...one.records().map(text), ...closed(one)]);
  const ofOther = new Set([...other.records().map(text), ...closed(other)]);
  return [
    ...[...ofOne].filter((line) => !ofOther.has(line)).map((line) => `only the one tells ${line}`),
    ...[...ofOther]
      .filter((line) => !ofOne.has(line))
      .map((line) => `only the other tells ${line}`),
  ];
}

/** Where a capture is told otherwise when it was exported and opened. */
export async function exportDifferences(window: SimulatedWindow): Promise<string[]> {
  const { capture } = window;
  const opened = await window.exported();
  const own = toldByEnds(capture);
  const other = toldByEnds(opened);
  const faults = own
    .filter((line) => !other.includes(line))
    .map((line) => `not in the file: ${line}`);
  faults.push(
    ...other.filter((line) => !own.includes(line)).map((line) => `only in the file: ${line}`),
  );
  return faults;
}

function toldByEnds(capture: Capture): string[] {
  // A socket of which no record is left is in the file only where it tells something of others.
  const recording = new Set(
    Array.from({ length: capture.length }, (_, position) => {
      return capture.flow(capture.idAt(position)).socket;
    }),
  );
  const sockets = [...capture.sockets].filter(
    ({ tapped, place }) => tapped !== undefined && recording.has(place),
  );
  const counts = sockets.map(
    ({ name, boundAt, notRecorded }) => `${name} of ${boundAt}: ${notRecorded} not recorded`,
  );
  return counts.concat(toldOfDatagrams(capture));
}

function toldOfDatagrams(capture: Capture): string[] {
  return Array.from({ length: capture.length }, (_, position) => {
    const id = capture.idAt(position);
    const { direction, sourcePort, destinationPort, sourceAddress } = capture.flow(id);
    const delivery = capture.delivery(id);
    const isPair = delivery === Delivery.delivered || delivery === Delivery.receipt;
    const partner = isPair ? ` with ${capture.time(capture.partner(id))}` : "";
    const ends = `${sourceAddress} ${sourcePort} to ${destinationPort}`;
    return `${capture.time(id)} ${ends}, direction ${direction}: ${delivery}${partner}`;
  });
}

/**
 * Each record that a tap was told of since the capture was cleared is there, or had to go, or is counted as not recorded.
 * What SIGKILL leaves in memory is lost without a word.
 */
function uncounted(window: SimulatedWindow, world: World, seen: ReadonlySet<string>): string[] {
  const isMissing = (record: TrueRecord): boolean => {
    const { killedAtMs = Number.POSITIVE_INFINITY, endedSpeechless } = record.socket.program;
    return (
      record.socket.program.folder === window.path &&
      record.worldMs > (world.clearedAtMs.get(window.path) ?? Number.NEGATIVE_INFINITY) &&
      record.worldMs < killedAtMs - IN_MEMORY_MS &&
      !endedSpeechless &&
      !seen.has(keyOf(record))
    );
  };
  const missing = world.records.filter(isMissing);
  const { capture, evicted } = window;
  const faults: string[] = [];
  if (missing.length > capture.notRecorded + evicted) {
    faults.push(
      `${missing.length} records are missing; ${capture.notRecorded} are not recorded, ${evicted} had to go`,
    );
  }
  if (evicted > 0) return faults;
  for (const socket of world.sockets) {
    const { program, number } = socket;
    if (program.folder !== window.path) continue;
    const captured = [...capture.sockets].find(
      ({ program: { pid }, tapped }) => pid === program.pid && tapped?.socket === number,
    );
    const own = missing.filter((record) => record.socket === socket).length;
    const counted = captured?.notRecorded ?? 0;
    if (own > counted) faults.push(`${name(socket)} misses ${own} records and counts ${counted}`);
  }
  return faults;
}

/** The truth by the keys of records. */
class Truth {
  readonly records = new Map<string, TrueRecord>();
  readonly bySending = new Map<string, TrueDatagram>();
  readonly byArrival = new Map<string, TrueDatagram>();
  readonly #datagrams: TrueDatagram[] = [];
  readonly #sockets: readonly SimulatedSocket[];

  /** What is true of the capture in that folder. */
  constructor(world: World, folder: string) {
    const isOurs = ({ program }: SimulatedSocket) => program.isTapped && program.folder === folder;
    this.#sockets = world.sockets.filter(isOurs);
    for (const record of world.records) {
      if (isOurs(record.socket)) this.records.set(keyOf(record), record);
    }
    for (const datagram of world.datagrams) {
      this.#datagrams.push(datagram);
      const { from, sentAt, arrivals } = datagram;
      if (isOurs(from)) this.bySending.set(socketKey(from, "out", sentAt), datagram);
      for (const { by, at } of arrivals) {
        if (isOurs(by)) this.byArrival.set(socketKey(by, "in", at), datagram);
      }
    }
  }

  /** Whether a socket of its port was one of a program that could not say in the end what it had received. */
  hasSpeechlessReceiver({ toPort }: TrueDatagram): boolean {
    return this.#sockets.some(
      ({ port, program: { killedAtMs, endedSpeechless } }) =>
        port === toPort && (killedAtMs !== undefined || endedSpeechless),
    );
  }

  /** Whether all that passed the sockets that can have got a datagram is in a window, for as long as they could. */
  isRecorded({ toPort, sentAt }: TrueDatagram, seen: ReadonlySet<string>): boolean {
    const sockets = new Set(Array.from(this.records.values(), ({ socket }) => socket));
    return [...sockets].every(
      (socket) => socket.port !== toPort || this.#hasAll(socket, sentAt, seen),
    );
  }

  #hasAll(socket: SimulatedSocket, sentAt: number, seen: ReadonlySet<string>): boolean {
    let known = Number.NEGATIVE_INFINITY;
    let isMissing = false;
    for (const [key, record] of this.records) {
      if (record.socket !== socket) continue;
      if (!seen.has(key)) isMissing = true;
      else {
        // Nobody knows when between two records one is missing.
        const isAt = known <= sentAt + LOST_AFTER_US + SKEW_US && record.time >= sentAt - SKEW_US;
        if (isMissing && isAt) return false;
        isMissing = false;
        known = record.time;
      }
    }
    return !(isMissing && known <= sentAt + LOST_AFTER_US + SKEW_US);
  }

  /** Whether one that looks like this one was received late, or was sent by a socket of which the window knows nothing. */
  hasUnknownTwin(
    datagram: TrueDatagram | undefined,
    isKnown: (socket: SimulatedSocket) => boolean,
  ): boolean {
    return this.#datagrams.some(
      ({ from, toPort, payload, sentAt, arrivals }) =>
        from.port === datagram?.from.port &&
        toPort === datagram.toPort &&
        payload === datagram.payload &&
        arrivals.some(({ at }) => !isKnown(from) || at - sentAt > LOST_AFTER_US),
    );
  }

  /**
   * Whether one that looks like this one was sent from a wildcard, and another one from an address that the system would
   * not have chosen for that: its receipt may be of either, that of the wildcard's of no other.
   */
  hasWildcardTwin(datagram: TrueDatagram | undefined): boolean {
    const twins = this.#datagrams.filter(
      ({ from, toPort, payload }) =>
        from.port === datagram?.from.port &&
        toPort === datagram.toPort &&
        payload === datagram.payload,
    );
    return (
      twins.some(({ from, toAddress }) => isWildcardFor(from.address, toAddress)) &&
      twins.some(({ from }) => from.address === "127.0.0.2")
    );
  }

  /** All that a command can have captured at a time from one port to another, microseconds. */
  seenAt(time: number, [from, to]: readonly [number, number]): TrueDatagram[] {
    return this.#datagrams.filter(
      (datagram) =>
        datagram.seenAt === time && datagram.from.port === from && datagram.toPort === to,
    );
  }

  /** All that look like this one, itself among them. */
  alike({ from, toPort, payload }: TrueDatagram): TrueDatagram[] {
    return this.#datagrams.filter(
      (other) =>
        other.from.port === from.port && other.toPort === toPort && other.payload === payload,
    );
  }

  /** Whether one that looks like this one was received, and its sending is in no window. */
  hasUnrecordedTwin(datagram: TrueDatagram | undefined, seen: ReadonlySet<string>): boolean {
    return this.#datagrams.some(
      ({ from, toPort, payload, sentAt, arrivals }) =>
        from.port === datagram?.from.port &&
        toPort === datagram.toPort &&
        payload === datagram.payload &&
        arrivals.length > 0 &&
        !seen.has(socketKey(from, "out", sentAt)),
    );
  }
}

/**
 * What a command has captured is shown with what a tap has recorded of the same datagram. Where no tap has, it may be taken
 * for an equal one: nobody can tell.
 */
function wrongSightings(all: readonly ToldRecord[], truth: Truth): string[] {
  const faults: string[] = [];
  const recorded = new Map(
    all.flatMap(({ isForeign, key, time }) => (isForeign ? [] : [[key, time]])),
  );
  const recordsOf = ({ from, sentAt, arrivals }: TrueDatagram) =>
    [
      socketKey(from, "out", sentAt),
      ...arrivals.map(({ by, at }) => socketKey(by, "in", at)),
    ].filter((key) => recorded.has(key));
  for (const { isForeign, key, time, ports, delivery, partner = "" } of all) {
    if (!isForeign) continue;
    const seen = truth.seenAt(time, ports);
    if (delivery === "seen") {
      const isRight = seen.some((datagram) => recordsOf(datagram).includes(partner));
      const isRecorded = seen.every((datagram) => recordsOf(datagram).length > 0);
      if (!isRight && isRecorded) faults.push(`${key} is shown with another one: ${partner}`);
      continue;
    }
    const [datagram] = seen;
    if (!datagram || seen.length > 1 || truth.alike(datagram).length > 1) continue;
    const records = recordsOf(datagram);
    const { from, toPort, toAddress, arrivals } = datagram;
    const mayBeElsewhere = from.port === toPort && isWildcardFor(from.address, toAddress);
    const isNear = records.some(
      (record) => Math.abs((recorded.get(record) ?? 0) - time) < NEAR_US / 2,
    );
    if (isNear && arrivals.length < 2 && !mayBeElsewhere) faults.push(`${key} is shown twice`);
  }
  return faults;
}

/**
 * Datagrams of equal payload from one port to another cannot be told apart, so which of them is said to be lost is not
 * judged, but how many are.
 */
function wrongVerdicts(
  told: readonly ToldRecord[],
  truth: Truth,
  window: SimulatedWindow,
  isWhole: boolean,
): string[] {
  const faults: string[] = [];
  const groups = new Map<string, { told: ToldRecord; datagram: TrueDatagram }[]>();
  const seen = new Set(told.map(({ key }) => key));
  const known = new Set([...window.capture.sockets].map((socket) => socketName(socket)));
  // Of who ended before anything of it was written, nobody knows that it was there.
  const isOurs = ({ program, number }: SimulatedSocket) =>
    program.isTapped &&
    program.folder === window.path &&
    ((program.killedAtMs === undefined && !program.endedSpeechless) ||
      known.has(`${program.pid} ${number}`));
  const receiptsOf = (datagram: TrueDatagram) =>
    datagram.arrivals.filter(({ by, at }) => seen.has(socketKey(by, "in", at)));
  for (const record of told) {
    const datagram = truth.bySending.get(record.key);
    if (!datagram) continue;
    const { from, toPort, payload } = datagram;
    const group = `${from.port} to ${toPort}: "${payload}"`;
    groups.set(group, [...(groups.get(group) ?? []), { told: record, datagram }]);
  }
  for (const [group, members] of groups) {
    // A receipt whose sending is not recorded may stand for another one of the same look.
    if (truth.hasUnrecordedTwin(members[0]?.datagram, seen)) continue;
    if (truth.hasWildcardTwin(members[0]?.datagram)) continue;
    const count = (delivery: ToldRecord["delivery"]) =>
      members.filter(({ told: { delivery: own } }) => own === delivery).length;
    const arrived = members.filter(
      ({ datagram }) =>
        arrivalsInTime(datagram, isOurs).length > 0 || receiptsOf(datagram).length > 0,
    );
    const recorded = members.filter(({ datagram }) => receiptsOf(datagram).length > 0);
    const expected = members.filter(
      ({ datagram }) =>
        !datagram.arrivals.some(({ by }) => isOurs(by)) &&
        isSurelyExpected(datagram, known) &&
        truth.isRecorded(datagram, seen) &&
        !truth.hasSpeechlessReceiver(datagram),
    );
    // A second copy of one may have taken the place of another one that was lost.
    const copies = members.reduce((sum, { datagram }) => sum + receiptsOf(datagram).length, 0);
    const doubled = copies - recorded.length;
    // So may have the receipt of one of which nobody would know, without it, whether it arrived.
    const unknown = recorded.filter(
      ({ datagram }) => !(isSurelyExpected(datagram, known) && truth.isRecorded(datagram, seen)),
    );
    if (count("delivered") > recorded.length + doubled && window.evicted === 0) {
      faults.push(`${group}: ${count("delivered")} delivered, but ${recorded.length} arrived`);
    }
    // Of more than can be looked through for each, nobody can tell which ones.
    const untold = members.length + recorded.length > REACH ? count("unclear") : 0;
    if (count("delivered") + untold < recorded.length) {
      faults.push(`${group}: ${count("delivered")} delivered of ${recorded.length} that arrived`);
    }
    // The receipt of one that came too late may have taken the place of a receipt that is in no file.
    const late = recorded.filter(({ datagram }) => arrivalsInTime(datagram, isOurs).length === 0);
    const taken = Math.min(late.length, arrived.length - recorded.length);
    if (count("lost") > members.length - arrived.length + taken) {
      faults.push(
        `${group}: ${count("lost")} lost, but ${arrived.length} of ${members.length} arrived`,
      );
    }
    // That a socket was closed may have stood in a file that somebody has removed.
    if (isWhole && count("lost") + untold < expected.length - doubled - unknown.length) {
      faults.push(`${group}: ${count("lost")} lost of ${expected.length} that did not arrive`);
    }
    if (count("pending") > 0) faults.push(`${group}: ${count("pending")} still pending`);
  }
  for (const record of told) {
    if (record.delivery === "duplicate") {
      const datagram = truth.byArrival.get(record.key);
      const isAlone = datagram && receiptsOf(datagram).length < 2;
      const twins = told.filter(({ key, direction }) => {
        const other = direction === "in" ? truth.byArrival.get(key) : undefined;
        return (
          other?.payload === datagram?.payload &&
          other?.from.port === datagram?.from.port &&
          other !== undefined &&
          receiptsOf(other).length > 1
        );
      });
      // Nor can anybody know where one that looks like it was sent by who is not watched, was killed before anything of
      // it was written, or has been cleared; or where it came too late.
      const isKnown = !truth.hasUnknownTwin(
        datagram,
        ({ program, number }) => program.isTapped && known.has(`${program.pid} ${number}`),
      );
      // While others are under way, the receipt of one that is not recorded takes the place of theirs, and another one of
      // them is left in the end.
      const isSent = datagram && seen.has(socketKey(datagram.from, "out", datagram.sentAt));
      const isDisplaced = isSent && truth.hasUnrecordedTwin(datagram, seen);
      const isSure = isKnown && !isDisplaced && !truth.hasWildcardTwin(datagram);
      if (isAlone && isSure && twins.length === 0) faults.push(`${record.key} is no duplicate`);
    }
    const sending = record.partner === undefined ? undefined : truth.bySending.get(record.key);
    const receipt = record.partner === undefined ? undefined : truth.byArrival.get(record.partner);
    if (sending && receipt && sending !== receipt) {
      const isAlike =
        sending.payload === receipt.payload &&
        sending.from.port === receipt.from.port &&
        sending.toPort === receipt.toPort;
      if (!isAlike) faults.push(`${record.key} is paired with another datagram's receipt`);
    }
  }
  return faults;
}

/** Who is not watched may have got it as well, and who got it late may not have recorded it: nobody can tell. */
function arrivalsInTime(
  { arrivals, sentAt }: TrueDatagram,
  isOurs: (socket: SimulatedSocket) => boolean,
): readonly Arrival[] {
  return arrivals.filter(({ by, at }) => isOurs(by) && at - sentAt <= LOST_AFTER_US);
}

/** True where a watched socket was there, is known still, and it is known how long: a killed program does not tell. */
function isSurelyExpected({ expectedBy }: TrueDatagram, known: ReadonlySet<string>): boolean {
  if (!expectedBy) return false;
  const { pid, isTapped, killedAtMs, endedSpeechless } = expectedBy.program;
  return (
    isTapped &&
    killedAtMs === undefined &&
    !endedSpeechless &&
    known.has(`${pid} ${expectedBy.number}`)
  );
}

function socketName({ program: { pid }, tapped }: CapturedSocket): string {
  return `${pid} ${tapped?.socket}`;
}

function keyOf({ socket, direction, time }: TrueRecord): string {
  return socketKey(socket, direction, time);
}

function socketKey(socket: SimulatedSocket, direction: "in" | "out", time: number): string {
  return recordKey(socket.program.pid, socket.number, direction, time);
}

function name({ program, address, port }: SimulatedSocket): string {
  return `${program.pid} on ${address} ${port}`;
}
