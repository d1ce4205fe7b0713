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
import type { ChosenDatagram } from "../datagrams/chosen_datagram.ts";
import type { Grids } from "../datagrams/grids.ts";
import { endsOf } from "../definitions/datagram_ends.ts";
import type { PayloadDecoders } from "../definitions/payload_decoders.ts";
import type { Places } from "../launch/places.ts";
import { tapEnvironment } from "../launch/tap_environment.ts";
import { ComputedValues } from "./computed_values.ts";
import { askConsent } from "./consent.ts";
import { encodeProblemText, FieldsFormat } from "./fields_format.ts";
import { Outbox, UnreachableError, unreachable } from "./outbox.ts";
import { askPayload } from "./payload_prompt.ts";
import { SendHistory } from "./send_history.ts";
import { type OutgoingPayload, unsendable } from "./send_options.ts";
import { SenderProcess } from "./sender_process.ts";
import type { SendingEnds } from "./sending_ends.ts";
import type { Target } from "./target.ts";

/** How long the status bar says what was sent. */
const STATUS_MS = 5000;

export interface SendingOptions {
  readonly live: LiveCapture;
  readonly grids: Grids;
  readonly places: Places;
  /** The same ones each time. */
  readonly decoders: () => Promise<PayloadDecoders>;
  /** Keeps what was sent. */
  readonly state: vscode.Memento;
}

/** What is asked for, and what it begins with. */
export interface PayloadQuestion {
  readonly title: string;
  readonly bytes?: Uint8Array;
  /** What is answered, or sent again otherwise: its payload may be written as what reads it. */
  readonly datagram?: ChosenDatagram;
}

/** What all commands that send have in common: where datagrams go out, what was sent, and how a person is asked. */
export class Sending implements vscode.Disposable {
  readonly live: LiveCapture;
  readonly grids: Grids;
  readonly outbox: Outbox;
  readonly history: SendHistory;
  readonly computed = new ComputedValues();
  readonly #process: SenderProcess;
  readonly #decoders: SendingOptions["decoders"];
  readonly #store = new Store();

  constructor({ live, grids, places, decoders, state }: SendingOptions) {
    this.live = live;
    this.grids = grids;
    this.#decoders = decoders;
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

  /** The bytes of what a caller wrote; throws a {@link HumanError} where there are none. */
  async bytesOf(payload: OutgoingPayload, datagram?: ChosenDatagram): Promise<Uint8Array> {
    if (payload instanceof Uint8Array) return payload;
    const { template, problem } = {
      problem: undefined,
      ...(await this.#fieldsFormat(datagram)).read(payload.fields),
    };
    if (template) return this.computed.take(template);
    throw unsendable("fields", problem ? encodeProblemText(problem) : "");
  }

  /** What payloads are written by: what reads this datagram first, then what is for its port. */
  async #fieldsFormat(datagram?: ChosenDatagram, port?: number): Promise<FieldsFormat> {
    const { definitions } = await this.#decoders();
    if (!definitions.isUsed) return new FieldsFormat(undefined, []);
    const decoders = await (await this.#decoders()).load();
    const { all } = decoders;
    let own = all.find(({ ports }) => port !== undefined && ports.includes(port));
    if (datagram) {
      const { source, id } = datagram;
      const told = decoders.told(endsOf(source.capture, id), await source.payload(id));
      own = told?.decoder;
    }
    return new FieldsFormat(own, all);
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
    const { datagram } = question;
    const fields = await this.#fieldsFormat(datagram, to.port);
    const written = await askPayload({ ...question, most, history, computed, fields });
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
