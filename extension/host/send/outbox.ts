import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { maxPayload } from "../../core/files/packet/packet.ts";
import { printable } from "../../core/text/printable.ts";
import { controlPath } from "../../core/wire/control_message.ts";
import { SEND_FAILED } from "../../core/wire/tap_identity.ts";
import { HumanError } from "../base/human_error.ts";
import { numberText } from "../base/number_text.ts";
import { askProgram } from "../control/control_client.ts";
import type { ControlPlace } from "../control/control_place.ts";
import { commentText } from "../words/send_failure_text.ts";
import { RefusedError, type SenderProcess } from "./sender_process.ts";
import type { Target } from "./target.ts";

/** A program listens a moment after its first socket is bound. */
const TRIES = 8;
const TRY_EVERY_MS = 50;

/** Thrown where a program could not be asked: nothing was sent, and a new socket may do as well. */
export class UnreachableError extends HumanError {}

/** Sends datagrams: from a program's own socket, or from one of our own. */
export class Outbox {
  readonly sender: SenderProcess;
  readonly #control: ControlPlace | undefined;

  constructor(sender: SenderProcess, control: ControlPlace | undefined) {
    this.sender = sender;
    this.#control = control;
  }

  /** Whether it is worth while to ask this socket's program. */
  canAsk({ state, tapped, program, local }: CapturedSocket): boolean {
    return (
      this.#control !== undefined &&
      state === "bound" &&
      tapped !== undefined &&
      local !== undefined &&
      program.pid !== undefined
    );
  }

  /**
   * Sends from this socket, or from a new one where there is none. Resolves with the local end that it went out from;
   * throws a {@link HumanError} that says why it did not, an {@link UnreachableError} where that is the program's.
   */
  async send(to: Target, payload: Uint8Array, from?: CapturedSocket): Promise<string> {
    checkLength(to, payload.length);
    if (from) {
      const reply = await this.#ask(from, { do: "send", ...to, payload });
      if ("bytes" in reply) return from.name;
      throw this.#failure(reply.error, to, payload.length, from);
    }
    try {
      const { address, port, reach } = to;
      return await this.sender.send({ address, port, broadcast: reach === "broadcast" }, payload);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      throw this.#failure(error.code, to, payload.length);
    }
  }

  /** Has a program close its socket. */
  async close(socket: CapturedSocket): Promise<void> {
    const reply = await this.#ask(socket, { do: "close" });
    // One that is not there is closed.
    if ("bytes" in reply || reply.error === "NO_SOCKET") return;
    throw new HumanError(
      vscode.l10n.t("Cannot close {0}: {1}.", printable(socket.name), reply.error),
    );
  }

  /** Has a program make the network of its socket bad, or good again; the system's name for what kept it from that. */
  async setRules(socket: CapturedSocket, rules: readonly object[]): Promise<string | undefined> {
    const reply = await this.#ask(socket, { do: "setRules", rules });
    return "bytes" in reply ? undefined : reply.error;
  }

  /** Tells a program that its rules are still wanted; false where it has none any more, or is gone. */
  async keepRules(socket: CapturedSocket): Promise<boolean> {
    const { tapped, program, name } = socket;
    if (!this.#control || !tapped || program.pid === undefined) return false;
    const { place, token } = this.#control;
    const path = controlPath(place, program.pid, tapped.thread);
    const request = { do: "keepRules", socket: tapped.socket, local: name } as const;
    const reply = await askProgram(path, token, request);
    // Who says nothing may be held by a debugger.
    return typeof reply === "string" ? reply !== "noProgram" : "bytes" in reply;
  }

  async #ask(
    socket: CapturedSocket,
    what:
      | { do: "send"; address: string; port: number; payload: Uint8Array }
      | { do: "close" }
      | { do: "setRules"; rules: readonly object[] },
  ): Promise<{ bytes: number } | { error: string }> {
    const { tapped, program, name } = socket;
    if (!this.#control || !tapped || program.pid === undefined) throw unreachable(socket);
    const { place, token } = this.#control;
    const path = controlPath(place, program.pid, tapped.thread);
    const named = { socket: tapped.socket, local: name };
    const request =
      what.do === "send"
        ? { do: what.do, ...named, address: what.address, port: what.port, payload: what.payload }
        : { ...what, ...named };
    for (let tries = 1; ; tries++) {
      const reply = await askProgram(path, token, request);
      if (typeof reply !== "string") return reply;
      if (reply === "noReply") {
        throw new HumanError(
          vscode.l10n.t(
            "Cannot tell what {0} did: its program took the request and gave no reply.",
            printable(name),
          ),
        );
      }
      // Who says nothing has kept us waiting for long.
      if (reply === "noGreeting" || tries === TRIES) throw unreachable(socket);
      await sleep(TRY_EVERY_MS);
    }
  }

  #failure(code: string, to: Target, length: number, from?: CapturedSocket): HumanError {
    if (from && code === "NO_SOCKET") return unreachable(from);
    if (from && code === "OTHER_PEER") {
      return new HumanError(
        vscode.l10n.t(
          "Cannot send to {0} from {1}: that socket is connected, and only to another peer.",
          to.name,
          printable(from.name),
        ),
      );
    }
    const isIpv6 = to.address.includes(":");
    const why = commentText(SEND_FAILED + code, { to: to.name, length, isIpv6 });
    return new HumanError(vscode.l10n.t("Cannot send to {0}. {1}", to.name, why));
  }
}

/** Why a socket cannot be sent from. */
export function unreachable({ name, program }: CapturedSocket): UnreachableError {
  return new UnreachableError(
    vscode.l10n.t(
      "Cannot send from {0}: {1} has ended, has closed it, or cannot be asked.",
      printable(name),
      printable(program.name),
    ),
  );
}

/** Throws a {@link HumanError} where no datagram holds so many bytes. */
export function checkLength({ address, name }: Target, length: number): void {
  const most = maxPayload(address.includes(":") ? 16 : 4);
  if (length <= most) return;
  throw new HumanError(
    vscode.l10n.t(
      "Cannot send {0} bytes to {1}: a datagram carries {2} at most; send less at a time.",
      numberText(length),
      name,
      numberText(most),
    ),
  );
}
