import * as vscode from "vscode";
import type { Capture } from "../../core/capture/capture.ts";
import { DECODERS, type DecoderId } from "../../core/decode/decoder_names.ts";

const KEY = "decodeAs";

/** Which decoder a person has chosen for which port: remembered for the workspace. */
export class DecodeChoices implements vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** The first of the ports that a decoder was chosen for, with its decoder. */
  of(ports: readonly number[]): { readonly port: number; readonly decoder: DecoderId } | undefined {
    const chosen = this.#chosen();
    for (const port of ports) {
      // An older or a newer version may have known others.
      const decoder = DECODERS.find(({ id }) => id === chosen[port]);
      if (decoder) return { port, decoder: decoder.id };
    }
    return undefined;
  }

  /** Remembers a decoder for a port; undefined: port and content are to tell again. */
  async choose(port: number, decoder: DecoderId | undefined): Promise<void> {
    const { [port]: _, ...others } = this.#chosen();
    await this.#memory.update(KEY, decoder ? { ...others, [port]: decoder } : others);
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #chosen(): Readonly<Record<number, unknown>> {
    return this.#memory.get<Record<number, unknown>>(KEY, {});
  }
}

/**
 * The ports of a datagram, that of the service first: the end that was sent to before it sent. What is known of a
 * protocol is known of that port; the other one is another one tomorrow.
 */
export function portsOf(capture: Capture, id: number): [service: number, other: number] {
  const { flows } = capture;
  const flow = capture.flow(id);
  const opposite = flows.opposite(flow.id);
  // The same two ends the other way round, and earlier: this one is an answer.
  const isAnswer =
    opposite !== undefined && flows.counts(opposite.id).firstTime < flows.counts(flow.id).firstTime;
  return isAnswer
    ? [flow.sourcePort, flow.destinationPort]
    : [flow.destinationPort, flow.sourcePort];
}
