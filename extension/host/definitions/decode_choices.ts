import * as vscode from "vscode";
import type { PayloadDecoder } from "./payload_decoder.ts";

const KEY = "decodeAs";

type Chosen = Pick<PayloadDecoder, "id">;

/** Which decoder a person has chosen for which port: remembered for the workspace. */
export class DecodeChoices implements vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #known: () => readonly Chosen[];
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;

  /** @param known the decoders that there are now */
  constructor(memory: vscode.Memento, known: () => readonly Chosen[]) {
    this.#memory = memory;
    this.#known = known;
  }

  /** The first of the ports that a decoder was chosen for, with its decoder. */
  of(ports: readonly number[]): { readonly port: number; readonly decoder: string } | undefined {
    const chosen = this.#chosen();
    for (const port of ports) {
      // An older or a newer version may have known others; and what another extension had may be gone.
      const decoder = this.#known().find(({ id }) => id === chosen[port]);
      if (decoder) return { port, decoder: decoder.id };
    }
    return undefined;
  }

  /** Remembers a decoder for a port; undefined: port and content are to tell again. */
  async choose(port: number, decoder: string | undefined): Promise<void> {
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
