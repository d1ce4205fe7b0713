import { create, on, setAttributes } from "../../parts/dom.ts";

export interface Problem {
  readonly start: number;
  readonly end: number;
  readonly reason: string;
}

/** What is wrong in a text field: underlined below its text, and told in words. */
export class ProblemMark {
  /** Lies under the field, with the same text that nobody sees. */
  readonly underline = create("div", { class: "underline", "aria-hidden": "true" });
  readonly reason = create("p", { class: "problem", id: "problem", "aria-live": "polite" });
  readonly #input: HTMLInputElement;
  readonly #text = create("span");

  constructor(input: HTMLInputElement) {
    this.#input = input;
    this.underline.append(this.#text);
    setAttributes(input, { "aria-describedby": this.reason.id });
    on(input, "scroll", () => this.#scroll());
    this.show(undefined);
  }

  show(problem: Problem | undefined): void {
    setAttributes(this.#input, { "aria-invalid": problem !== undefined });
    this.reason.hidden = problem === undefined;
    this.reason.textContent = problem?.reason ?? "";
    this.hideUnderline();
    if (!problem) return;
    const { value } = this.#input;
    const wrong = value.slice(problem.start, problem.end);
    // Where something is missing, the place for it is underlined.
    const place = wrong.trim() === "" ? "\u00a0\u00a0" : wrong;
    this.#text.replaceChildren(value.slice(0, problem.start), create("u", {}, place));
    this.#scroll();
  }

  /** The text is another one now: what was wrong may be elsewhere. */
  hideUnderline(): void {
    this.#text.replaceChildren();
  }

  #scroll(): void {
    this.#text.style.transform = `translateX(${-this.#input.scrollLeft}px)`;
  }
}
