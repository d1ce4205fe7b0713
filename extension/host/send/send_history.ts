import type { Memento } from "vscode";
import { SEND_FORMATS, type SendFormat } from "./fields_format.ts";

/** What a person sent. */
export interface SentText {
  /** `127.0.0.1:9999` */
  readonly to: string;
  readonly format: SendFormat;
  readonly text: string;
}

const KEY = "sent";
const MOST_ENTRIES = 50;
/** Longer ones are files, not something to choose from a list. */
const MOST_CHARACTERS = 4096;

/** What was sent from this workspace, the latest first, each once. */
export class SendHistory {
  readonly #state: Memento;

  constructor(state: Memento) {
    this.#state = state;
  }

  get entries(): readonly SentText[] {
    const kept = this.#state.get<unknown>(KEY);
    // Other versions write here as well.
    return Array.isArray(kept) ? kept.filter(isSentText).slice(0, MOST_ENTRIES) : [];
  }

  /** Where something was sent, the latest first, each once. */
  get targets(): readonly string[] {
    return [...new Set(this.entries.map(({ to }) => to))];
  }

  async add(entry: SentText): Promise<void> {
    if (entry.text.length > MOST_CHARACTERS) return;
    const others = this.entries.filter(
      ({ to, format, text }) => to !== entry.to || format !== entry.format || text !== entry.text,
    );
    await this.#state.update(KEY, [entry, ...others].slice(0, MOST_ENTRIES));
  }
}

function isSentText(value: unknown): value is SentText {
  if (typeof value !== "object" || value === null) return false;
  const { to, format, text } = value as Record<string, unknown>;
  return (
    typeof to === "string" &&
    typeof text === "string" &&
    SEND_FORMATS.some((known) => known === format)
  );
}
