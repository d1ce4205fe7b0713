import * as vscode from "vscode";
import type { DecodedPayload } from "../../core/kaitai/decode.ts";
import type { LoadedDefinition } from "../../core/kaitai/kaitai.ts";
import { affects, setting } from "../base/settings.ts";
import { Store } from "../base/store.ts";
import { type FoundDefinition, findDefinition } from "./definition_files.ts";
import { isProto } from "./definition_paths.ts";
import {
  type DatagramEnds,
  type DefinitionUse,
  definitionFor,
  readDefinitionSetting,
} from "./definition_setting.ts";
import { type FoundProto, findProto } from "./proto_files.ts";

/** An entry of the setting with its file, as it was read; undefined: the workspace has no such file. */
export interface LoadedUse {
  readonly use: DefinitionUse;
  readonly loaded: LoadedDefinition | undefined;
  /** The same of a `.proto`. */
  readonly proto?: FoundProto | undefined;
}

/** What a definition of the workspace says of a payload; without `decoded`: why it cannot say anything. */
export interface DefinedPayload extends LoadedUse {
  readonly decoded: DecodedPayload | undefined;
}

/**
 * The definitions that `udpWorkbench.definitions` names: read when a datagram is first looked at, and anew when one of their
 * files is saved. They are data: an untrusted workspace may have them, too.
 */
export class Definitions implements vscode.Disposable {
  readonly #store = new Store();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  readonly #loaded = new Map<string, Promise<FoundDefinition | undefined>>();
  readonly #protos = new Map<string, Promise<FoundProto | undefined>>();
  #setting: ReturnType<typeof readDefinitionSetting> | undefined;
  #watcher: vscode.Disposable | undefined;

  constructor() {
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (affects(event, "definitions")) this.#forget();
      }),
    );
    this.#store.add(vscode.workspace.onDidChangeWorkspaceFolders(() => this.#forget()));
  }

  /** The setting, as far as it is one. */
  get setting(): ReturnType<typeof readDefinitionSetting> {
    this.#setting ??= readDefinitionSetting(setting("definitions"));
    return this.#setting;
  }

  /** False where the setting names none. */
  get isUsed(): boolean {
    return this.setting.uses.length > 0;
  }

  /** Undefined where no definition is for such a datagram. Never throws, whatever the definition and the bytes. */
  async decode(payload: Uint8Array, ends: DatagramEnds): Promise<DefinedPayload | undefined> {
    const use = definitionFor(this.setting.uses, ends, payload);
    if (!use) return undefined;
    const loaded = await this.load(use.file);
    return { use, loaded, decoded: loaded?.definition?.decode(payload, use.type) };
  }

  /** All entries of the setting that hold what they may, in its order. */
  async all(): Promise<LoadedUse[]> {
    const { uses } = this.setting;
    return Promise.all(
      uses.map(async (use) =>
        isProto(use.file)
          ? { use, loaded: undefined, proto: await this.loadProto(use.file) }
          : { use, loaded: await this.load(use.file) },
      ),
    );
  }

  /** A `.ksy` of the workspace, checked, as it was last saved; undefined where there is none. */
  async load(file: string): Promise<FoundDefinition | undefined> {
    if (isProto(file)) return undefined;
    this.#watcher ??= this.#watch();
    let loading = this.#loaded.get(file);
    if (!loading) {
      loading = findDefinition(file);
      this.#loaded.set(file, loading);
    }
    return loading;
  }

  /** A `.proto` in the same way. */
  loadProto(file: string): Promise<FoundProto | undefined> {
    this.#watcher ??= this.#watch();
    let loading = this.#protos.get(file);
    if (!loading) {
      loading = findProto(file);
      this.#protos.set(file, loading);
    }
    return loading;
  }

  dispose(): void {
    this.#watcher?.dispose();
    this.#store.dispose();
  }

  /** Whatever is saved may be imported by another: all are read anew. */
  readonly #forget = (): void => {
    this.#loaded.clear();
    this.#protos.clear();
    this.#setting = undefined;
    this.#changed.fire();
  };

  #watch(): vscode.Disposable {
    const watcher = vscode.workspace.createFileSystemWatcher("**/*.{ksy,proto}");
    watcher.onDidChange(this.#forget);
    watcher.onDidCreate(this.#forget);
    watcher.onDidDelete(this.#forget);
    return watcher;
  }
}
