import * as vscode from "vscode";
import type { RegisteredDecoder } from "../../api.ts";
import { DECODERS } from "../../core/decode/decoder_names.ts";
import { type Decoders, loadDecoders } from "../../core/decode/load_decoders.ts";
import { leftToRight, printable } from "../../core/text/printable.ts";
import { Store } from "../base/store.ts";
import { DecodeChoices } from "./decode_choices.ts";
import {
  type DatagramEnds,
  type DefinitionUse,
  definitionFor,
  mayBeFor,
} from "./definition_setting.ts";
import type { Definitions, LoadedUse } from "./definitions.ts";
import type { ForeignDecoder } from "./foreign_decoder.ts";
import { builtInDecoders, definitionDecoder, type PayloadDecoder } from "./payload_decoder.ts";

/** The decoder of a datagram, and why it is that one. */
export interface ChosenDecoder {
  readonly decoder: PayloadDecoder;
  readonly by: "choice" | "definition" | "guess";
  /** "DNS, as chosen for port 5300" */
  readonly origin: string;
}

/** All decoders of the window, built in and of the workspace, and which of them reads which datagram. */
export class PayloadDecoders implements vscode.Disposable {
  readonly choices: DecodeChoices;
  readonly #store = new Store();
  readonly definitions: Definitions;
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  /** Fires when datagrams may be read otherwise than before: another decoder was chosen, or a definition was saved. */
  readonly onDidChange = this.#changed.event;
  /** Those of other extensions, the latest first. */
  #foreign: readonly ForeignDecoder[] = [];
  #loaded: Promise<LoadedDecoders> | undefined;

  constructor(memory: vscode.Memento, definitions: Definitions) {
    this.definitions = definitions;
    this.choices = this.#store.add(new DecodeChoices(memory, () => this.choosable));
    for (const source of [this.choices, this.definitions]) {
      this.#store.add(source.onDidChange(this.#readAnew));
    }
  }

  /** What a person can choose for a port, besides definitions: in the order of a list. */
  get choosable(): readonly Pick<PayloadDecoder, "id" | "name">[] {
    return [...DECODERS, ...this.#foreign];
  }

  /** A decoder of another extension, until it is disposed of; rejects as the API says. */
  async register(decoder: RegisteredDecoder): Promise<vscode.Disposable> {
    const { ForeignDecoder: Foreign } = await import("./foreign_decoder.ts");
    const program = new URL("../decoder_thread.cjs", import.meta.url);
    const made = await Foreign.start(decoder, program, this.#readAnew);
    this.#foreign = [made, ...this.#foreign];
    this.#readAnew();
    const end = () => {
      made.dispose();
      this.#foreign = this.#foreign.filter((other) => other !== made);
      this.#readAnew();
    };
    this.#store.add(made);
    return { dispose: end };
  }

  readonly #readAnew = (): void => {
    this.#loaded = undefined;
    this.#changed.fire();
  };

  /** As they are now. */
  load(): Promise<LoadedDecoders> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #load(): Promise<LoadedDecoders> {
    const [decoders, uses] = await Promise.all([loadDecoders(), this.definitions.all()]);
    return new LoadedDecoders(decoders, uses, this.choices, this.#foreign);
  }
}

/** What is said of the datagrams with certain ends. */
export interface DecoderTeller {
  /** The same for each; undefined: that depends on the payload. */
  readonly always: PayloadDecoder | undefined;
  /** Undefined: nobody says anything, and port and content may. */
  readonly told: (payload: Uint8Array) => PayloadDecoder | undefined;
}

/** The same, ready to be asked for each of a million datagrams. */
export class LoadedDecoders {
  /** Those of the workspace first. */
  readonly all: readonly PayloadDecoder[];
  readonly #uses: readonly DefinitionUse[];
  readonly #defined: readonly PayloadDecoder[];
  readonly #foreign: readonly PayloadDecoder[];
  readonly #builtIn: ReadonlyMap<string, PayloadDecoder>;
  readonly #guess: Decoders["guessDecoder"];
  readonly #choices: Pick<DecodeChoices, "of">;

  /** @param foreign those of other extensions, which go before the guesses of those that are built in */
  constructor(
    decoders: Decoders,
    uses: readonly LoadedUse[],
    choices: Pick<DecodeChoices, "of">,
    foreign: readonly PayloadDecoder[] = [],
  ) {
    this.#uses = uses.map(({ use }) => use);
    this.#defined = uses.map(definitionDecoder);
    this.#foreign = foreign;
    const builtIn = builtInDecoders(decoders).map((decoder) => behind(foreign, decoder));
    this.#builtIn = new Map(builtIn.map((decoder) => [decoder.id, decoder]));
    this.all = [...this.#defined, ...foreign, ...builtIn];
    this.#guess = decoders.guessDecoder;
    this.#choices = choices;
  }

  /** What reads a datagram; undefined where nothing speaks for any. What a person has chosen goes first. */
  choose(ends: DatagramEnds, payload: Uint8Array): ChosenDecoder | undefined {
    return this.told(ends, payload) ?? this.#guessed(ends, payload);
  }

  /** The same as far as a person or the workspace says it. */
  told(ends: DatagramEnds, payload: Uint8Array): ChosenDecoder | undefined {
    const chosen = this.#choices.of(ends.ports);
    const decoder = chosen && this.#byId(chosen.decoder);
    if (chosen && decoder) {
      const origin = vscode.l10n.t(
        "{0}, as chosen for port {1}",
        decoder.name,
        String(chosen.port),
      );
      return { decoder, by: "choice", origin };
    }
    const use = definitionFor(this.#uses, ends, payload);
    const defined = use && this.#defined[this.#uses.indexOf(use)];
    if (!use || !defined) return undefined;
    const file = leftToRight(printable(use.file, { limit: 200 }));
    const origin = vscode.l10n.t("by the definition {0}", file);
    return { decoder: defined, by: "definition", origin };
  }

  /** Whether a person or the workspace may say what reads datagrams with these ends. */
  isTold(ends: DatagramEnds): boolean {
    return (
      this.#choices.of(ends.ports) !== undefined || this.#uses.some((use) => mayBeFor(use, ends))
    );
  }

  /** For many datagrams with the same ends: what a person or the workspace says of each payload. */
  tellerOf(ends: DatagramEnds): DecoderTeller {
    const chosen = this.#choices.of(ends.ports);
    const decoder = chosen && this.#byId(chosen.decoder);
    if (decoder) return { always: decoder, told: () => decoder };
    const uses = this.#uses.flatMap((use, index) => {
      const decoder = this.#defined[index];
      return decoder && mayBeFor(use, ends) ? [{ use, decoder }] : [];
    });
    const [first] = uses;
    if (first && first.use.when === undefined) {
      return { always: first.decoder, told: () => first.decoder };
    }
    const told = (payload: Uint8Array) => uses.find(({ use }) => use.isFor(payload))?.decoder;
    return { always: undefined, told };
  }

  #byId(id: string): PayloadDecoder | undefined {
    return this.#foreign.find((decoder) => decoder.id === id) ?? this.#builtIn.get(id);
  }

  #guessed({ ports }: DatagramEnds, payload: Uint8Array): ChosenDecoder | undefined {
    const foreign = this.#foreign.find(({ speaks }) => speaks?.(payload, ports, false));
    if (foreign) {
      const origin = vscode.l10n.t("{0} of another extension", foreign.name);
      return { decoder: foreign, by: "guess", origin };
    }
    const id = this.#guess(payload, ports);
    const decoder = id && this.#builtIn.get(id);
    if (!decoder) return undefined;
    const origin =
      id === "protobuf"
        ? vscode.l10n.t("{0} without a definition: a guess by its content", decoder.name)
        : vscode.l10n.t("{0}, told by port or content", decoder.name);
    return { decoder, by: "guess", origin };
  }
}

/** What would not be asked of a payload that one of another extension reads. */
function behind(foreign: readonly PayloadDecoder[], decoder: PayloadDecoder): PayloadDecoder {
  if (foreign.length === 0) return decoder;
  const isTaken = (payload: Uint8Array, ports: readonly number[]) =>
    foreign.some(({ speaks }) => speaks?.(payload, ports, false));
  return {
    ...decoder,
    speaks: (payload, ports, isCut) =>
      decoder.speaks?.(payload, ports, isCut) === true && !isTaken(payload, ports),
  };
}
