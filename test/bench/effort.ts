/** How much to measure, where a part leaves that open; its own values are those that the figures in README.md are from. */
export interface Effort {
  /** How often each thing is measured. */
  readonly rounds?: number;
  /** How long a load lasts. */
  readonly seconds?: number;
}
