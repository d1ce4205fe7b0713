/**
 * An error whose message is meant for the person at the screen: one translated sentence that says what was tried,
 * on what, why it failed and what to do. Everything else that is thrown is a defect and goes to the log.
 */
export class HumanError extends Error {
  override readonly name = "HumanError";
}
