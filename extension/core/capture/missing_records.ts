/** What a writer says it left out of what passed a socket. */
export interface MissingRecords {
  /** Told datagram by datagram (`epb_dropcount`), summed up. */
  readonly between: number;
  /** The writer's own total (`isb_ifdrop`), as it was told last. */
  readonly inAll: number;
  /** How many of the total were left out before the capture was cleared. */
  readonly cleared: number;
}

export const NOTHING_MISSING: MissingRecords = { between: 0, inAll: 0, cleared: 0 };

/** Records known to be missing: the two figures tell of the same records, so the larger one counts. */
export function notRecorded({ between, inAll, cleared }: MissingRecords): number {
  return Math.max(between, inAll - cleared);
}
