import { Direction } from "../files/capture_sink.ts";
import type { Flow } from "./flow_table.ts";
import { arrivedSendings, firstReceipts, isReceiptOf, type PairingTable } from "./pairing.ts";

/** What became of a datagram, as far as the sockets that are watched can tell. */
export const Delivery = {
  /** Received from a sender that nobody watches, or sent to where nobody watches. */
  alone: 0,
  /** Sent to a watched socket; its receipt has not been seen yet. */
  pending: 1,
  /** Sent, and received by a watched socket: the receipt is its partner. */
  delivered: 2,
  /** Sent to a watched socket, and not received within {@link LOST_AFTER_US}. */
  lost: 3,
  /** The receipt of a delivered one, which stands for both. */
  receipt: 4,
  /** Received although all that were sent have been received already: it was doubled on its way. */
  duplicate: 5,
} as const;
export type Delivery = (typeof Delivery)[keyof typeof Delivery];

/** Without a receipt after this long, in microseconds, a datagram counts as lost. A late receipt still corrects it. */
export const LOST_AFTER_US = 1_000_000;
/** A pair this old, in microseconds, is not broken up again for a better one. */
const SETTLED_AFTER_US = 2_000_000;
/** So long, in microseconds, a lost one waits for a receipt that a suspended program may still report. */
const GIVEN_UP_AFTER_US = 30_000_000;

/** What the pairing knows of the records, and tells of them, by their id. */
export interface DeliveryTable extends PairingTable {
  /** {@link Flow.id} of the same, which costs less. */
  flowId(id: number): number;
  /** Equal for equal payloads of equal length, and hardly ever for others. */
  digest(id: number): number;
  /** False for a datagram that the system refused to send: it cannot arrive. */
  wasSent(id: number): boolean;
  /** True when a watched socket is or was bound where the flow goes to, whenever that was. */
  hasReceiver(flow: Flow): boolean;
  /** Counts up whenever that may have become true of any flow. */
  readonly receiverRevision: number;
  /** True when a watched socket was bound at that time where the flow goes to. */
  isWatched(flow: Flow, time: number): boolean;
  delivery(id: number): Delivery;
  /** The other end of a delivered one or of a receipt; 0 for all others. */
  partner(id: number): number;
  setDelivery(id: number, delivery: Delivery, partner: number): void;
}

/** Records of one channel with equal payloads: which sending belongs to which receipt is a matter of time alone. */
interface Group {
  /** Ids in the order of time. */
  readonly sent: number[];
  readonly received: number[];
}

/** All flows from one port to another, whoever recorded them. */
interface Channel {
  /** Id of the first record that is still in the table. */
  first: number;
  sends: boolean;
  receives: boolean;
  /** Digest → records; undefined until both ends have been seen. */
  groups: Map<number, Group> | undefined;
}

/**
 * Finds the receipt of each sending. Costs next to nothing where only one end of a channel is watched.
 *
 * Records arrive file by file, so either end may come first, and late. Among equal payloads the order of time is kept,
 * every receipt goes to the latest sending that it can belong to, and of several receipts of one sending the first is
 * the delivery: so a loss among equal datagrams, such as a heartbeat's, is found where it happened.
 */
export class Deliveries {
  readonly #table: DeliveryTable;
  /** Ports → channel. */
  readonly #channels = new Map<number, Channel>();
  /** Flow → its channel. */
  readonly #channelOf: (Channel | undefined)[] = [];
  /** Flow → the {@link #revision} in which there was nothing to find out about its records. */
  #quietIn = new Uint32Array(0);
  /** Channels of which both ends have been seen. */
  #connected = 0;
  /** Groups with records that came since they were last paired. */
  readonly #changed = new Set<Group>();
  /** Sendings that may yet turn out to be lost. */
  readonly #pending = new Set<number>();

  constructor(table: DeliveryTable) {
    this.#table = table;
  }

  /** True while {@link settle} has to be called again, because a sending waits for its receipt. */
  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  /**
   * Takes the records `from` to `end - 1` in.
   *
   * @returns the earliest time of a record whose delivery has changed; Infinity where none has.
   */
  take(from: number, end: number): number {
    const connecting = new Set<Channel>();
    for (let id = from; id < end; id++) {
      if (this.#quietIn[this.#table.flowId(id)] === this.#revision) continue;
      const channel = this.#channel(id);
      if (channel.groups) this.#insert(channel.groups, id);
      else if (channel.sends && channel.receives) connecting.add(channel);
      else this.#noteQuiet(this.#table.flow(id));
      this.#expect(id);
    }
    this.#connect(connecting, end);
    let earliest = Number.POSITIVE_INFINITY;
    for (const group of this.#changed) earliest = Math.min(earliest, this.#pair(group));
    this.#changed.clear();
    return earliest;
  }

  /**
   * Lets time pass: everything that was recorded up to `now` (microseconds since 1970) has been taken in.
   *
   * @returns the earliest time of a record that is now known to be lost; Infinity where none is.
   */
  settle(now: number): number {
    const table = this.#table;
    let earliest = Number.POSITIVE_INFINITY;
    for (const id of this.#pending) {
      if (table.time(id) > now - LOST_AFTER_US) continue;
      this.#pending.delete(id);
      table.setDelivery(id, Delivery.lost, 0);
      earliest = Math.min(earliest, table.time(id));
    }
    for (const channel of this.#channels.values()) {
      for (const [digest, group] of channel.groups ?? []) {
        this.#forgetSettled(group, now);
        if (group.sent.length + group.received.length === 0) channel.groups?.delete(digest);
      }
    }
    return earliest;
  }

  /** Forgets all records before `id`: they are not in the table any more. */
  forgetBefore(id: number): void {
    for (const pending of this.#pending) if (pending < id) this.#pending.delete(pending);
    for (const channel of this.#channels.values()) {
      channel.first = Math.max(channel.first, id);
      for (const { sent, received } of channel.groups?.values() ?? []) {
        keep(sent, (kept) => kept >= id);
        keep(received, (kept) => kept >= id);
      }
    }
  }

  /** Forgets flows that are gone; others may get their ids. */
  forgetFlows(ids: readonly number[]): void {
    for (const id of ids) {
      this.#channelOf[id] = undefined;
      this.#quietIn[id] = 0;
    }
  }

  #channel(id: number): Channel {
    const flow = this.#table.flow(id);
    const known = this.#channelOf[flow.id];
    if (known) return known;
    const ports = flow.sourcePort * 0x10000 + flow.destinationPort;
    let channel = this.#channels.get(ports);
    if (!channel) {
      channel = { first: id, sends: false, receives: false, groups: undefined };
      this.#channels.set(ports, channel);
    }
    if (flow.direction === Direction.out) channel.sends = true;
    if (flow.direction === Direction.in) channel.receives = true;
    this.#channelOf[flow.id] = channel;
    return channel;
  }

  /** Never 0, and another one whenever a flow may not be quiet any more. */
  get #revision(): number {
    return 1 + this.#connected + this.#table.receiverRevision;
  }

  /** Where only one end is watched, nothing is to be found out about what comes in, or goes to where nobody watches. */
  #noteQuiet(flow: Flow): void {
    if (flow.direction === Direction.out && this.#table.hasReceiver(flow)) return;
    if (flow.id >= this.#quietIn.length) {
      const larger = new Uint32Array(Math.max(64, flow.id * 2));
      larger.set(this.#quietIn);
      this.#quietIn = larger;
    }
    this.#quietIn[flow.id] = this.#revision;
  }

  /** Both ends of these are seen now: what came of either end before `end` has to be paired, too. */
  #connect(channels: ReadonlySet<Channel>, end: number): void {
    let first = end;
    for (const channel of channels) {
      channel.groups = new Map();
      first = Math.min(first, channel.first);
      this.#connected++;
    }
    for (let id = first; id < end; id++) {
      const channel = this.#channelOf[this.#table.flowId(id)];
      if (channel?.groups && channels.has(channel)) this.#insert(channel.groups, id);
    }
  }

  #insert(groups: Map<number, Group>, id: number): void {
    const table = this.#table;
    const { direction } = table.flow(id);
    if (direction === Direction.unknown) return;
    if (direction === Direction.out && !table.wasSent(id)) return;
    const digest = table.digest(id);
    let group = groups.get(digest);
    if (!group) {
      group = { sent: [], received: [] };
      groups.set(digest, group);
    }
    const ids = direction === Direction.out ? group.sent : group.received;
    // Nearly always the latest of all: searched from the end.
    let at = ids.length;
    while (at > 0 && table.time(ids[at - 1] ?? 0) > table.time(id)) at--;
    ids.splice(at, 0, id);
    this.#changed.add(group);
  }

  /** A sending to a watched socket has to arrive. */
  #expect(id: number): void {
    const table = this.#table;
    const flow = table.flow(id);
    if (flow.direction !== Direction.out || !table.wasSent(id)) return;
    if (!table.isWatched(flow, table.time(id))) return;
    table.setDelivery(id, Delivery.pending, 0);
    this.#pending.add(id);
  }

  /** Pairs a group anew; returns the earliest time of a record whose delivery has changed. */
  #pair({ sent, received }: Group): number {
    const chosen = arrivedSendings(this.#table, sent, received);
    const pairs = firstReceipts(this.#table, chosen, received);
    let earliest = Number.POSITIVE_INFINITY;
    const tell = (id: number, delivery: Delivery, partner: number) => {
      if (this.#tell(id, delivery, partner)) earliest = Math.min(earliest, this.#table.time(id));
    };
    const receipts = new Set(pairs.values());
    for (const id of sent) {
      const receipt = pairs.get(id);
      if (receipt !== undefined) {
        tell(id, Delivery.delivered, receipt);
        tell(receipt, Delivery.receipt, id);
        this.#pending.delete(id);
      } else if (this.#table.delivery(id) === Delivery.delivered) {
        // Its receipt turned out to be another one's.
        tell(id, Delivery.pending, 0);
        this.#pending.add(id);
      }
    }
    for (const id of received) {
      if (receipts.has(id)) continue;
      tell(id, this.#isDuplicate(id, chosen) ? Delivery.duplicate : Delivery.alone, 0);
    }
    return earliest;
  }

  #isDuplicate(receipt: number, arrived: readonly number[]): boolean {
    return arrived.some((id) => isReceiptOf(this.#table, id, receipt));
  }

  /** True when this is news. */
  #tell(id: number, delivery: Delivery, partner: number): boolean {
    const table = this.#table;
    if (table.delivery(id) === delivery && table.partner(id) === partner) return false;
    table.setDelivery(id, delivery, partner);
    return true;
  }

  #forgetSettled({ sent, received }: Group, now: number): void {
    const table = this.#table;
    const isSettled = (id: number) => table.time(id) <= now - SETTLED_AFTER_US;
    keep(sent, (id) => {
      if (!isSettled(id)) return true;
      // A pair is forgotten as a whole, or the end that is left would look for another partner.
      if (table.delivery(id) === Delivery.delivered) return !isSettled(table.partner(id));
      return table.time(id) > now - GIVEN_UP_AFTER_US;
    });
    keep(received, (id) => {
      if (!isSettled(id)) return true;
      return table.delivery(id) === Delivery.receipt && !isSettled(table.partner(id));
    });
  }
}

/** Takes out of an array, in place, what is not to be kept. */
function keep(ids: number[], isKept: (id: number) => boolean): void {
  let length = 0;
  for (const id of ids) if (isKept(id)) ids[length++] = id;
  ids.length = length;
}
