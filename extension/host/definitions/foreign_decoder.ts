import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import * as vscode from "vscode";
import type { RegisteredDecoder } from "../../api.ts";
import { cut } from "../../core/decode/cut.ts";
import type { DecodedField } from "../../core/decode/decoded.ts";
import { pathBehind } from "../../core/decode/decoder_fields.ts";
import { DECODERS } from "../../core/decode/decoder_names.ts";
import { parsePath } from "../../core/decode/field_path.ts";
import { prune } from "../../core/decode/prune.ts";
import { leftToRight, printable } from "../../core/text/printable.ts";
import { DecoderThread, type ThreadAnswer } from "./decoder_thread.ts";
import type { DecodedText, PayloadDecoder } from "./payload_decoder.ts";

const VALUE_LIMIT = 1000;
const NAME_LIMIT = 200;
const SUMMARY_LIMIT = 300;
const DEEPEST = 32;
/** Fields that are looked at: more are pruned anyhow. */
const MOST_FIELDS = 6000;
/** So long one payload may take. */
const PATIENCE_MS = 100;
/** So often it may be late before nobody asks it any more; forgotten where it was in time for long. */
const MOST_LATE = 3;
const LONG = 1000;
/** So long it may take on average: a screen of rows is read in one go. */
const AVERAGE_MS = 5;
const ENOUGH_TO_TELL = 50;

/** A decoder of another extension: bounded in time, in memory and in what it says, and never believed. */
export class ForeignDecoder implements PayloadDecoder, vscode.Disposable {
  readonly id: string;
  readonly name: string;
  readonly ports: readonly number[];
  readonly fields: PayloadDecoder["fields"];
  readonly #patienceMs: number;
  readonly #start: () => Promise<DecoderThread>;
  readonly #isBack: () => void;
  /** Of payloads that are looked at now: whoever asks whether it speaks mostly asks next what it says. */
  readonly #known = new WeakMap<Uint8Array, DecodedText>();
  #thread: DecoderThread;
  #late = 0;
  #inTime = 0;
  #asked = 0;
  #spentMs = 0;
  #isDisposed = false;

  private constructor(
    { id, name, ports = [] }: RegisteredDecoder,
    thread: DecoderThread,
    start: () => Promise<DecoderThread>,
    isBack: () => void,
    patienceMs: number,
  ) {
    this.#patienceMs = patienceMs;
    this.id = id;
    this.name = printable(name, { limit: 40 });
    this.ports = ports;
    this.#thread = thread;
    this.#start = start;
    this.#isBack = isBack;
    this.fields = {
      names: [],
      // What it finds is known when it has found it.
      find(wanted) {
        const path = pathBehind(wanted, id);
        const parsed = path === undefined ? undefined : parsePath(path);
        return parsed && { paths: [parsed] };
      },
    };
  }

  /**
   * @param program decoder_thread.cjs
   * @param isBack told when it can be asked again after it was late
   * @param patienceMs so long everything else waits for one payload at most
   * @throws TypeError Where it is no such decoder; Error with the reason where its module cannot be loaded.
   */
  static async start(
    decoder: RegisteredDecoder,
    program: URL,
    isBack: () => void,
    patienceMs = PATIENCE_MS,
  ): Promise<ForeignDecoder> {
    checkDecoder(decoder);
    const start = () => DecoderThread.start(program, pathToFileURL(decoder.module).href);
    try {
      return new ForeignDecoder(decoder, await start(), start, isBack, patienceMs);
    } catch (error) {
      throw new Error(`Cannot register the decoder ${decoder.id}: ${(error as Error).message}`);
    }
  }

  readonly speaks = (payload: Uint8Array, ports: readonly number[]): boolean => {
    if (payload.length === 0) return false;
    const isAtPort = ports.some((port) => this.ports.includes(port));
    if (!isAtPort) {
      if (!this.#thread.speaks) return false;
      const answer = this.#ask(payload, "speaks");
      if (answer === undefined || answer === "late" || "error" in answer) return false;
      if (answer.result !== true) return false;
    }
    return this.decode(payload).problem === undefined;
  };

  readonly decode = (payload: Uint8Array): DecodedText => {
    const known = this.#known.get(payload);
    if (known) return known;
    const answer = this.#ask(payload, "says");
    const told = answer === undefined ? this.#refused() : this.#read(answer, payload.length);
    // What was not asked may be the next time.
    if (answer !== undefined && answer !== "late") this.#known.set(payload, told);
    return told;
  };

  dispose(): void {
    this.#isDisposed = true;
    this.#thread.dispose();
  }

  get #isTooSlow(): boolean {
    return this.#asked >= ENOUGH_TO_TELL && this.#spentMs / this.#asked > AVERAGE_MS;
  }

  /** Undefined: it cannot be asked. */
  #ask(payload: Uint8Array, what: "says" | "speaks"): ThreadAnswer | undefined {
    if (this.#isTooSlow || this.#thread.isGone) return undefined;
    const began = performance.now();
    const answer = this.#thread.ask(payload, what, this.#patienceMs);
    this.#asked++;
    this.#spentMs += performance.now() - began;
    if (answer === "late") {
      this.#late++;
      this.#inTime = 0;
      if (this.#late < MOST_LATE && !this.#isDisposed) void this.#startAgain();
    } else if (++this.#inTime >= LONG) this.#late = 0;
    return answer;
  }

  async #startAgain(): Promise<void> {
    try {
      const thread = await this.#start();
      if (this.#isDisposed) thread.dispose();
      else {
        this.#thread = thread;
        this.#isBack();
      }
    } catch {
      // Then it stays away, and says so.
    }
  }

  #refused(): DecodedText {
    const problem = this.#isTooSlow
      ? vscode.l10n.t(
          "{0} takes {1} ms for a payload, and is not asked any more in this window.",
          this.name,
          Math.round(this.#spentMs / this.#asked),
        )
      : this.#late >= MOST_LATE
        ? vscode.l10n.t(
            "{0} was late {1} times, and is not asked any more in this window.",
            this.name,
            this.#late,
          )
        : vscode.l10n.t("{0} is starting.", this.name);
    return failed(problem);
  }

  #read(answer: ThreadAnswer, length: number): DecodedText {
    if (answer === "late") {
      return failed(
        vscode.l10n.t("{0} took more than {1} ms for this payload.", this.name, this.#patienceMs),
      );
    }
    if ("error" in answer) {
      const { error } = answer;
      return failed(
        typeof error === "string" && error !== ""
          ? vscode.l10n.t("{0} failed: {1}", this.name, printable(error, { limit: 300 }))
          : vscode.l10n.t("{0} says more than can be shown.", this.name),
      );
    }
    const { result } = answer;
    if (typeof result !== "object" || result === null) {
      return failed(vscode.l10n.t("{0} says nothing of this payload.", this.name));
    }
    const { summary, fields, problem } = result as Record<string, unknown>;
    const reading = new Reading(length);
    const read = prune(reading.fields(fields, 0));
    const told =
      typeof problem === "string" && problem !== ""
        ? printable(problem, { limit: 300 })
        : undefined;
    const why = told ?? (reading.lie && this.#lieText(reading.lie, length));
    return {
      summary: leftToRight(
        why ??
          (typeof summary === "string"
            ? printable(summary, { limit: SUMMARY_LIMIT })
            : summaryOf(read)),
      ),
      fields: read,
      problem: why && leftToRight(why),
    };
  }

  #lieText({ name, start, end }: Lie, length: number): string {
    return vscode.l10n.t(
      "{0} says that {1} is from byte {2} to {3} of a payload of {4}.",
      this.name,
      printable(name, { limit: 100 }),
      printable(String(start), { limit: 30 }),
      printable(String(end), { limit: 30 }),
      length,
    );
  }
}

/** A field whose bytes are not there. */
interface Lie {
  readonly name: string;
  readonly start: unknown;
  readonly end: unknown;
}

/** Fields that nobody has looked at yet. */
class Reading {
  readonly #length: number;
  #room = MOST_FIELDS;
  lie: Lie | undefined;

  constructor(length: number) {
    this.#length = length;
  }

  fields(given: unknown, depth: number): DecodedField[] {
    if (!Array.isArray(given) || depth >= DEEPEST) return [];
    const fields: DecodedField[] = [];
    for (const one of given) {
      if (this.#room-- <= 0) break;
      if (typeof one !== "object" || one === null) continue;
      const { name, value = "", start, end, fields: inner } = one as Record<string, unknown>;
      const text = printable(String(name), { limit: NAME_LIMIT });
      const isThere =
        Number.isInteger(start) &&
        Number.isInteger(end) &&
        0 <= Number(start) &&
        Number(start) <= Number(end) &&
        Number(end) <= this.#length;
      if (!isThere) this.lie ??= { name: text, start, end };
      fields.push({
        name: text,
        value: printable(typeof value === "object" ? "" : String(value), { limit: VALUE_LIMIT }),
        from: isThere ? Number(start) : 0,
        to: isThere ? Number(end) : 0,
        fields: this.fields(inner, depth + 1),
      });
    }
    return fields;
  }
}

function failed(problem: string): DecodedText {
  return { summary: "", fields: undefined, problem: leftToRight(problem) };
}

function summaryOf(fields: readonly DecodedField[]): string {
  const parts = fields
    .slice(0, 20)
    .map(({ name, value }) => (value === "" ? name : `${name} ${value.slice(0, 60)}`));
  return cut(parts.join(", "), SUMMARY_LIMIT);
}

function checkDecoder({ id, name, ports = [], module }: RegisteredDecoder): void {
  const wrong =
    typeof id !== "string" || !/^[A-Za-z][\w-]{0,39}$/.test(id)
      ? "id has to be a letter, then letters, digits, _ or -"
      : DECODERS.some((builtIn) => builtIn.id === id)
        ? "a decoder with this id is built in"
        : typeof name !== "string" || name === ""
          ? "name has to be a text"
          : typeof module !== "string" || !isAbsolute(module)
            ? "module has to be the absolute path of a file"
            : !Array.isArray(ports) ||
                !ports.every((port) => Number.isInteger(port) && port > 0 && port < 65_536)
              ? "ports have to be numbers from 1 to 65535"
              : undefined;
  if (wrong !== undefined)
    throw new TypeError(`Cannot register the decoder ${String(id)}: ${wrong}`);
}
