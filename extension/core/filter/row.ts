import type { Delivery } from "../capture/delivery.ts";
import type { Flow } from "../capture/flow_table.ts";
import type { Endpoint } from "../wire/endpoint.ts";
import type { RuleEffect } from "../wire/rule_effect.ts";

/** What a filter asks of the socket that recorded a flow. */
export interface FilterSocket {
  readonly name: string;
  readonly local: Endpoint | undefined;
  readonly program: { readonly name: string };
}

/** One row of the grid, as a filter sees it. One object can serve all rows: nothing of it is kept. */
export interface FilterRow {
  /** The flow that the row is told by. */
  readonly flow: Flow;
  /** The other end's flow, where both ends recorded the datagram. */
  readonly otherFlow: Flow | undefined;
  /** Microseconds since 1970. */
  readonly time: number;
  /** The same of the first datagram in the capture. */
  readonly firstTime: number;
  /** Payload bytes on the wire. */
  readonly length: number;
  /** Payload bytes that the file holds. */
  readonly capturedLength: number;
  readonly delivery: Delivery;
  /** What rules did to it. */
  readonly ruleEffects: readonly { readonly effect: RuleEffect }[];
  /** What was odd about it, or "". */
  readonly comment: string;
}
