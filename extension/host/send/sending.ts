import * as vscode from "vscode";
import type { SentDatagram } from "../../api.ts";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { maxPayload } from "../../core/files/packet/packet.ts";
import { printable } from "../../core/text/printable.ts";
import { button, showWarning, tellInStatusBar } from "../base/notify.ts";
import { numberText } from "../base/number_text.ts";
import { Store } from "../base/store.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import type { Grids } from "../datagrams/grids.ts";
import type { Places } from "../launch/places.ts";
import { tapEnvironment } from "../launch/tap_environment.ts";
import { ComputedValues } from "./computed_values.ts";
import { askConsent } from "./consent.ts";
import { Outbox, UnreachableError, unreachable } from "./outbox.ts";
import { askPayload } from "./payload_prompt.ts";
import { SendHistory } from "./send_history.ts";
import { SenderProcess } from "./sender_process.ts";
import type { SendingEnds } from "./sending_ends.ts";
import type { Target } from "./target.ts";

/** How long the status bar says what was sent. */
const STATUS_MS = 5000;

export interface SendingOptions {
  readonly live: LiveCapture;
  readonly grids: Grids;
  readonly places: Places;
  /** Keeps what was sent. */
  readonly state: vscode.Memento;
}

/** What is asked for, and what it begins with. */
export interface PayloadQuestion {
  readonly title: string;
  readonly bytes?: Uint8Array;
}

/** What all commands that send have in common: where datagrams go out, what was sent, and how a person is asked. */
export class Sending implements vscode.Disposable {
  readonly live: LiveCapture;
  readonly grids: Grids;
  readonly outbox: Outbox;
  readonly history: SendHistory;
  readonly computed = new ComputedValues();
  readonly #process: SenderProcess;
  readonly #store = new Store();

  constructor({ live, grids, places, state }: SendingOptions) {
    this.live = live;
    this.grids = grids;
    const { sender: path, tap, control } = places;
    // The settings that are in it may change.
    const options = () => ({
      ...{ path, tap, environment: tapEnvironment(places) },
      folder: control?.place,
    });
    this.#process = new SenderProcess(options);
    this.outbox = new Outbox(this.#process, control);
    this.history = new SendHistory(state);
  }

  /** The bound ports whose programs can be asked to send. */
  get ableSockets(): CapturedSocket[] {
    return boundSockets(this.live.capture).filter((socket) => this.outbox.canAsk(socket));
  }

  /** A socket that cannot be asked any more is as good as a new one. */
  bestSender({ to, from }: SendingEnds): SendingEnds {
    return { to, from: from && this.outbox.canAsk(from) ? from : undefined };
  }

  async send(to: Target, payload: Uint8Array, from?: CapturedSocket): Promise<SentDatagram> {
    return { bytes: payload.length, from: await this.outbox.send(to, payload, from) };
  }

  /** Asks a person what to send, and sends that; undefined when they gave up. */
  async askAndSend(
    to: Target,
    from: CapturedSocket | undefined,
    question: PayloadQuestion,
  ): Promise<SentDatagram | undefined> {
    const { history, computed } = this;
    const sender = await this.#askAboutSender(from);
    if (sender === "none") return undefined;
    const most = maxPayload(to.address.includes(":") ? 16 : 4);
    const written = await askPayload({ ...question, most, history, computed });
    if (!written) return undefined;
    const result = await this.sendForPerson(to, written.bytes, sender);
    const { text, format } = written;
    if (result) await history.add({ to: to.name, format, text });
    return result;
  }

  /** Sends for a person: asks where a target is not this machine, and where a program cannot be asked to. */
  async sendForPerson(
    to: Target,
    payload: Uint8Array,
    from: CapturedSocket | undefined,
  ): Promise<SentDatagram | undefined> {
    if (!(await askConsent(to))) return undefined;
    let sent: SentDatagram;
    try {
      sent = await this.send(to, payload, from);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      if (!(await useNewSocket(error))) return undefined;
      sent = await this.send(to, payload);
    }
    tellInStatusBar(
      vscode.l10n.t(
        "Sent from {0} to {1}: {2} B",
        printable(sent.from),
        to.name,
        numberText(payload.length),
      ),
      STATUS_MS,
    );
    return sent;
  }

  /** Before somebody writes what can then not be sent: the socket to send from, or a new one; "none": they gave up. */
  async #askAboutSender(
    from: CapturedSocket | undefined,
  ): Promise<CapturedSocket | undefined | "none"> {
    if (!from || this.outbox.canAsk(from)) return from;
    return (await useNewSocket(unreachable(from))) ? undefined : "none";
  }

  /** Something that ends with it. */
  add<T extends vscode.Disposable>(it: T): T {
    return this.#store.add(it);
  }

  dispose(): void {
    this.#store.dispose();
    this.#process.dispose();
  }
}

/** Whether a person wants to send from a new socket instead. */
async function useNewSocket({ message }: UnreachableError): Promise<boolean> {
  const useNew = button(vscode.l10n.t("Send from a New Socket"));
  return (await showWarning(message, useNew)) === useNew;
}
