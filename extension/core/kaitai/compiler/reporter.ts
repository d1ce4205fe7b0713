import type { Place, Source } from "../definition.ts";
import { type DefinitionProblemCode, Refusal, type Report } from "../problem.ts";

/** Says that a type is not known because of something that was reported already. */
export class Reported extends Error {}

/** Takes what is wrong with a definition, each thing once for each place. */
export class Reporter {
  readonly #report: Report;
  readonly #reported = new Set<string>();

  constructor(report: Report) {
    this.#report = report;
  }

  refuse(place: Place, code: DefinitionProblemCode, ...words: readonly (string | number)[]): void {
    this.#tell("error", place, code, words);
  }

  warn(place: Place, code: DefinitionProblemCode, ...words: readonly (string | number)[]): void {
    this.#tell("warning", place, code, words);
  }

  /** Reports what was thrown while a text of the definition was understood. */
  caught(error: unknown, source: Source, severity: "error" | "warning" = "error"): void {
    if (error instanceof Reported) return;
    if (!(error instanceof Refusal)) throw error;
    const { code, words, from, to } = error;
    let { place } = source;
    if (from !== undefined && to !== undefined) {
      const start = source.offsetOf(from);
      place = { ...place, from: start, to: Math.max(source.offsetOf(to), start) };
    }
    this.#tell(severity, place, code, words);
  }

  #tell(
    severity: "error" | "warning",
    place: Place,
    code: DefinitionProblemCode,
    words: readonly (string | number)[],
  ): void {
    const key = `${place.file}:${place.path}:${place.from}:${code}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.#report(severity, code, place, words);
  }
}
