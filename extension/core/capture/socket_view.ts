import type { Endpoint } from "../wire/endpoint.ts";
import type { CapturedProgram, CapturedSocket, SocketState } from "./captured_socket.ts";

/** What of a socket changes without a word. */
export type SocketFacts = Pick<
  CapturedSocket,
  | "state"
  | "boundAt"
  | "closedAt"
  | "failure"
  | "received"
  | "sent"
  | "droppedByRules"
  | "notRecorded"
>;

const GONE: SocketFacts = {
  state: "closed",
  boundAt: undefined,
  closedAt: undefined,
  failure: "",
  received: 0,
  sent: 0,
  droppedByRules: 0,
  notRecorded: 0,
};

/** Where a socket is kept. */
interface SocketColumns {
  /** What may be told now of the socket with that id at that place; undefined where it is gone. */
  facts(place: number, id: number): SocketFacts | undefined;
}

/** A socket as others see it: told from the columns, and closed when it is not in them any more. */
export class SocketView implements CapturedSocket {
  readonly table: SocketColumns;
  readonly place: number;
  readonly id: number;
  readonly program: CapturedProgram;
  readonly tapped: CapturedSocket["tapped"];
  #name = "";
  #local: Endpoint | undefined;

  constructor(
    table: SocketColumns,
    place: number,
    id: number,
    program: CapturedProgram,
    tapped: CapturedSocket["tapped"],
  ) {
    this.table = table;
    this.place = place;
    this.id = id;
    this.program = program;
    this.tapped = tapped;
  }

  setName(name: string, local: Endpoint | undefined): void {
    this.#name = name;
    this.#local = local;
  }

  get name(): string {
    return this.#name;
  }

  get local(): Endpoint | undefined {
    return this.#local;
  }

  get state(): SocketState {
    return this.#facts.state;
  }

  get boundAt(): number | undefined {
    return this.#facts.boundAt;
  }

  get closedAt(): number | undefined {
    return this.#facts.closedAt;
  }

  get failure(): string {
    return this.#facts.failure;
  }

  get received(): number {
    return this.#facts.received;
  }

  get sent(): number {
    return this.#facts.sent;
  }

  get droppedByRules(): number {
    return this.#facts.droppedByRules;
  }

  get notRecorded(): number {
    return this.#facts.notRecorded;
  }

  get #facts(): SocketFacts {
    return this.table.facts(this.place, this.id) ?? GONE;
  }
}
