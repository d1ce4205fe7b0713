/**
 * Tells answers to what was sent from what somebody else chose: an answer to an older text must not take away what
 * was typed since.
 */
export class SentTexts {
  #unanswered: string[] = [];

  sent(text: string): void {
    this.#unanswered.push(text);
  }

  /** True where a text that was told is an answer. Older ones will not be answered any more. */
  isAnswer(text: string): boolean {
    const index = this.#unanswered.indexOf(text);
    if (index < 0) return false;
    this.#unanswered = this.#unanswered.slice(index + 1);
    return true;
  }
}
