import * as vscode from "vscode";
import {
  type CapturedConversation,
  type ConversationEnds,
  capturedConversation,
  conversationFilter,
} from "../../core/capture/captured_conversation.ts";
import { RowList } from "../../core/capture/row_list.ts";
import { compileFilter } from "../../core/filter/compiler.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import type { ConversationSummary } from "../../webview/datagrams/protocol.ts";
import { numberText } from "../base/number_text.ts";
import { Store } from "../base/store.ts";
import { Throttle } from "../base/throttle.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { RowFilter } from "../filter/row_filter.ts";
import { duration } from "../words/delivery_text.ts";
import { ConversationKeys } from "./conversation_keys.ts";

/** Counting it all again costs as much as there is of it. */
const UPDATE_MS = 500;

/** One conversation of a capture, kept up to date. */
export class ConversationView implements vscode.Disposable {
  readonly ends: ConversationEnds;
  /** What narrows a grid to it. */
  readonly filter: string;
  readonly #source: CaptureSource;
  readonly #rows: RowList;
  readonly #rowFilter: RowFilter;
  readonly #update: Throttle;
  readonly #store = new Store();
  readonly #keys: ConversationKeys;
  readonly #changed: (fromTime: number) => void;
  /** Resolves when it is all that the capture tells now. */
  readonly ready: Promise<void>;
  #conversation: CapturedConversation;
  /** Request → microseconds until its answer. */
  #times: ReadonlyMap<number, number> = new Map();

  /** `changed` is called when anything of it is told otherwise, with the time from which on. */
  constructor(
    source: CaptureSource,
    ends: ConversationEnds,
    changed: (fromTime: number) => void = () => {},
  ) {
    this.ends = ends;
    this.filter = conversationFilter(ends);
    this.#source = source;
    this.#rows = this.#store.add(new RowList(source.capture));
    const changedRows = () => this.#update.trigger();
    this.#rowFilter = this.#store.add(new RowFilter(source, this.#rows, changedRows));
    const compiled = compileFilter(this.filter);
    if ("filter" in compiled) this.#rowFilter.apply(compiled.filter);
    this.#keys = new ConversationKeys(source, [ends.local.port, ends.peer.port]);
    this.#changed = changed;
    this.#conversation = this.#read();
    this.#update = this.#store.add(new Throttle(UPDATE_MS, () => void this.#renew()));
    this.ready = this.#renew();
    this.#store.add(
      source.onDidChange(() => {
        this.#rowFilter.update();
        this.#update.trigger();
      }),
    );
  }

  get conversation(): CapturedConversation {
    return this.#conversation;
  }

  /** "answered after 0.4 ms", where that is known of a request; else "". */
  noteOf(id: number): string {
    const time = this.#times.get(id);
    return time === undefined ? "" : vscode.l10n.t("answered after {0}", duration(time));
  }

  get summary(): ConversationSummary {
    const { asking, answering } = this.#conversation;
    return {
      title: `${formatEndpoint(asking)} ⇄ ${formatEndpoint(answering)}`,
      text: summaryText(this.#conversation),
      explanation: explanationText(this.#conversation),
    };
  }

  dispose(): void {
    this.#store.dispose();
  }

  get #ids(): number[] {
    return Array.from({ length: this.#rows.length }, (_, row) => this.#rows.idAt(row));
  }

  async #renew(): Promise<void> {
    await this.#rowFilter.catchUp();
    await this.#keys.load(this.#ids);
    // It may have been cleared or put away while payloads were read.
    if (this.#store.isDisposed) return;
    const before = this.#times;
    this.#conversation = this.#read();
    this.#changed(this.#firstChange(before));
  }

  #read(): CapturedConversation {
    const { capture } = this.#source;
    const conversation = capturedConversation(capture, this.#ids, this.ends, this.#keys.keyOf);
    this.#times = new Map(
      conversation.exchanges.map(({ request, microseconds }) => [request, microseconds]),
    );
    return conversation;
  }

  #firstChange(before: ReadonlyMap<number, number>): number {
    const { capture } = this.#source;
    let first = Number.POSITIVE_INFINITY;
    for (const id of new Set([...before.keys(), ...this.#times.keys()])) {
      if (before.get(id) === this.#times.get(id) || !capture.has(id)) continue;
      first = Math.min(first, capture.time(id));
    }
    return first;
  }
}

/** "3 requests, 3 answers, 0 lost, median 0.4 ms, p99 0.9 ms" */
export function summaryText(conversation: CapturedConversation): string {
  const { requests, answers, lost, refused, notSent, median, p99 } = conversation;
  const { t } = vscode.l10n;
  return [
    requests === 1 ? t("1 request") : t("{0} requests", numberText(requests)),
    answers === 1 ? t("1 answer") : t("{0} answers", numberText(answers)),
    t("{0} lost", numberText(lost)),
    refused > 0 ? t("{0} refused", numberText(refused)) : "",
    notSent > 0 ? t("{0} not sent", numberText(notSent)) : "",
    median === undefined ? "" : t("median {0}", duration(median)),
    p99 === undefined ? "" : t("p99 {0}", duration(p99)),
  ]
    .filter((part) => part !== "")
    .join(", ");
}

function explanationText(conversation: CapturedConversation): string {
  const { exchanges, requests, asking, answering } = conversation;
  if (exchanges.length === 0) {
    return vscode.l10n.t(
      "No datagram can be told to be the answer to another: UDP does not say which answers which.",
    );
  }
  const where = {
    asking: vscode.l10n.t(
      "Times from sending to receiving at {0}, the way there and back included.",
      formatEndpoint(asking),
    ),
    answering: vscode.l10n.t(
      "Times from receiving to sending at {0}, without the way there and back.",
      formatEndpoint(answering),
    ),
    unknown: vscode.l10n.t(
      "Times from request to answer where the capture was made; at which end that is, it does not tell.",
    ),
  }[conversation.measuredAt ?? "unknown"];
  if (exchanges.length >= requests) return where;
  const some = vscode.l10n.t(
    "Of {0} requests {1} were timed: of the others no answer can be told for certain.",
    numberText(requests),
    numberText(exchanges.length),
  );
  return `${where} ${some}`;
}
