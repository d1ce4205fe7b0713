import * as vscode from "vscode";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { maxPayload } from "../../core/files/packet/packet.ts";
import { printable } from "../../core/text/printable.ts";
import { type CommandHandler, isFromPerson, registerGuarded } from "../base/guarded.ts";
import { HumanError } from "../base/human_error.ts";
import { Commands } from "../base/ids.ts";
import { askSteps, type PickStep } from "../base/multi_step.ts";
import { showWarning, tellInStatusBar } from "../base/notify.ts";
import { numberText } from "../base/number_text.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { knownSocket } from "../capture/known_socket.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { chosenDatagram, type DatagramArgument } from "../datagrams/chosen_datagram.ts";
import { askConsent, type Consent, requireConsent } from "./consent.ts";
import { type Outbox, UnreachableError } from "./outbox.ts";
import { askPayload } from "./payload_prompt.ts";
import {
  type PayloadArgument,
  payloadOf,
  type SendArgument,
  sendingSocket,
} from "./send_argument.ts";
import type { SendHistory } from "./send_history.ts";
import { closeStep, fromStep, NEW_SOCKET, targetStep } from "./send_steps.ts";
import { replyEnds, resendEnds, type SendingEnds } from "./sending_ends.ts";
import { resolveTarget, type Target, targetOf } from "./target.ts";

/** How long the status bar says what was sent. */
const STATUS_MS = 5000;

export interface SendContext {
  readonly live: LiveCapture;
  readonly outbox: Outbox;
  readonly history: SendHistory;
  readonly log: vscode.LogOutputChannel;
}

export interface SendResult {
  readonly bytes: number;
  /** The local end that it went out from. */
  readonly from: string;
}

/** What comes from a button, a menu or a line of the tree says so; see guarded.ts. */
type FromPerson = { readonly webview?: string; readonly kind?: string };
type ReplyArgument = DatagramArgument & FromPerson & Partial<PayloadArgument> & Consent;
type TreeLine = FromPerson & { readonly socket?: CapturedSocket };

/** Send, Reply, Resend, Edit and Send, Close Socket: with an argument they return what they did, or throw. */
export function registerSendCommands(context: SendContext): vscode.Disposable {
  const { live, log, outbox } = context;
  const register = (command: string, handler: CommandHandler) =>
    registerGuarded(command, handler, log);
  return vscode.Disposable.from(
    register(Commands.send, async (argument?: SendArgument | TreeLine) =>
      argument && "to" in argument
        ? sendAsTold(context, argument)
        : askAndSend(context, argument?.socket && knownSocket(live, argument.socket)),
    ),
    register(Commands.reply, async (argument?: ReplyArgument) => {
      const { source, id } = chosenDatagram(argument, live, vscode.l10n.t("Cannot reply"));
      const ends = replyEnds(source, id);
      if (!ends.from) {
        throw new HumanError(
          vscode.l10n.t(
            "Cannot reply: this capture is a file, whose sockets are not here; use Edit and Send instead.",
          ),
        );
      }
      const from = printable(ends.from.name);
      const title = (to: string) => vscode.l10n.t("Reply to {0} from {1}", to, from);
      return sendBetween(context, ends, argument, { title });
    }),
    register(Commands.resend, async (argument?: ReplyArgument) => {
      const { source, id } = chosenDatagram(argument, live, vscode.l10n.t("Cannot resend"));
      const payload = await wholePayload(source, id);
      const ends = ablest(outbox, resendEnds(source, id));
      if (isFromPerson(argument))
        return sendAndTell(context, await targetOf(ends.to), payload, ends.from);
      return sendBetween(context, ends, { ...argument, payload });
    }),
    register(Commands.editAndSend, async (argument?: ReplyArgument) => {
      const { source, id } = chosenDatagram(argument, live, vscode.l10n.t("Cannot edit and send"));
      const bytes = await source.payload(id);
      const title = (to: string) => vscode.l10n.t("Send to {0}", to);
      const ends = ablest(outbox, resendEnds(source, id));
      return sendBetween(context, ends, argument, { bytes, title });
    }),
    register(Commands.closeSocket, async (argument?: Pick<SendArgument, "from"> | TreeLine) => {
      const socket =
        argument && "socket" in argument && argument.socket !== undefined
          ? knownSocket(live, argument.socket)
          : argument && "from" in argument
            ? sendingSocket(live, argument.from)
            : await pickSocket(context);
      if (!socket) return;
      await outbox.close(socket);
      await live.scan();
    }),
  );
}

/** A socket that cannot be asked any more is as good as a new one. */
function ablest(outbox: Outbox, { to, from }: SendingEnds): SendingEnds {
  return { to, from: from && outbox.canAsk(from) ? from : undefined };
}

/** `udpWorkbench.send` with an argument. */
async function sendAsTold(
  { live, outbox }: SendContext,
  argument: SendArgument,
): Promise<SendResult> {
  const target = await resolveTarget(String(argument.to));
  requireConsent(target, argument);
  const payload = payloadOf(argument);
  const socket = sendingSocket(live, argument.from);
  return { bytes: payload.length, from: await outbox.send(target, payload, socket) };
}

/** *Send Datagram...*: asks where to, where from, and what. */
async function askAndSend(
  context: SendContext,
  line: CapturedSocket | undefined,
): Promise<SendResult | undefined> {
  const { live, outbox, history } = context;
  const able = boundSockets(live.capture).filter((socket) => outbox.canAsk(socket));
  const steps: PickStep[] = [targetStep(live, history)];
  if (!line && able.length > 0) steps.push(fromStep(able));
  const answers = await askSteps(vscode.l10n.t("Send Datagram"), steps);
  if (!answers) return undefined;
  const [to = "", from = NEW_SOCKET] = answers;
  const target = await resolveTarget(to);
  const socket = line ?? able.find(({ id }) => String(id) === from);
  return askPayloadAndSend(context, target, socket, vscode.l10n.t("Send to {0}", target.name));
}

interface Question {
  readonly title: (to: string) => string;
  readonly bytes?: Uint8Array;
}

/** Sends the payload of the argument, or asks for one, between two known ends. */
async function sendBetween(
  context: SendContext,
  { to, from }: SendingEnds,
  argument: (Partial<PayloadArgument> & Consent) | undefined,
  question?: Question,
): Promise<SendResult | undefined> {
  const target = await targetOf(to);
  const { payload, format } = argument ?? {};
  if (payload === undefined) {
    if (!question) return undefined;
    return askPayloadAndSend(context, target, from, question.title(target.name), question.bytes);
  }
  const bytes = payloadOf({ payload, ...(format && { format }) });
  requireConsent(target, argument ?? {});
  return { bytes: bytes.length, from: await context.outbox.send(target, bytes, from) };
}

async function askPayloadAndSend(
  context: SendContext,
  target: Target,
  from: CapturedSocket | undefined,
  title: string,
  bytes?: Uint8Array,
): Promise<SendResult | undefined> {
  const { history } = context;
  const most = maxPayload(target.address.includes(":") ? 16 : 4);
  const written = await askPayload({ title, most, history, ...(bytes && { bytes }) });
  if (!written) return undefined;
  const result = await sendAndTell(context, target, written.bytes, from);
  const { text, format } = written;
  if (result) await history.add({ to: target.name, format, text });
  return result;
}

/** Sends for a person: asks where a target is not this machine, and where a program cannot be asked to. */
async function sendAndTell(
  context: SendContext,
  target: Target,
  payload: Uint8Array,
  socket: CapturedSocket | undefined,
): Promise<SendResult | undefined> {
  if (!(await askConsent(target))) return undefined;
  const { outbox } = context;
  let from: string;
  try {
    from = await outbox.send(target, payload, socket);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    const useNew = vscode.l10n.t("Send from a New Socket");
    const answer = await showWarning(error.message, useNew);
    if (answer !== useNew) return undefined;
    from = await outbox.send(target, payload);
  }
  tellInStatusBar(
    vscode.l10n.t(
      "Sent from {0} to {1}: {2} B",
      printable(from),
      target.name,
      numberText(payload.length),
    ),
    STATUS_MS,
  );
  return { bytes: payload.length, from };
}

/** What was cut when it was recorded cannot be sent again as it was. */
async function wholePayload(source: CaptureSource, id: number): Promise<Uint8Array> {
  const payload = await source.payload(id);
  const length = source.capture.wireLength(id);
  if (payload.length === length) return payload;
  throw new HumanError(
    vscode.l10n.t(
      "Cannot resend: only {0} of the {1} bytes were recorded; use Edit and Send to send these.",
      numberText(payload.length),
      numberText(length),
    ),
  );
}

async function pickSocket({ live, outbox }: SendContext): Promise<CapturedSocket | undefined> {
  const able = boundSockets(live.capture).filter((socket) => outbox.canAsk(socket));
  if (able.length === 0) {
    throw new HumanError(vscode.l10n.t("Nothing is bound: start a server first."));
  }
  const [picked] = (await askSteps(vscode.l10n.t("Close Socket"), [closeStep(able)])) ?? [];
  return able.find(({ id }) => String(id) === picked);
}
