import * as vscode from "vscode";
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
