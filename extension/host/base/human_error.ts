import type { Button } from "./notify.ts";

/**
 * An error whose message is meant for the person at the screen: one translated sentence that says what was tried,
 * on what, why it failed and what to do. Everything else that is thrown is a defect and goes to the log.
 */
export class HumanError extends Error {
  override readonly name = "HumanError";
  readonly remedies: readonly Remedy[];

  /** `remedies`: what can be done about it with a click. */
  constructor(message: string, remedies: readonly Remedy[] = []) {
    super(message);
    this.remedies = remedies;
  }
}

/** A button of a notification. */
export interface Remedy {
  readonly label: Button;
  run(): unknown;
}
