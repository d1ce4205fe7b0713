import { inflateSync } from "node:zlib";
import * as vscode from "vscode";
import { type Problem, useProblems } from "../../../scripts/udp_run.ts";
import type { NamedDefinitions } from "../../core/kaitai/named_definitions.ts";
import { Store } from "../base/store.ts";
import { encodeProblemText } from "../send/fields_format.ts";
import { definitionSentence } from "../words/problem_text.ts";
import { requestsIn } from "./request_texts.ts";

/** Largest file of a definition: what is longer is refused. */
const MOST_BYTES = 2 * 1024 * 1024;
/** Documents whose definitions are kept. */
const MOST_KEPT = 20;

/** The definitions that open request files use, as they were last saved; those that are kept go when one of them changes. */
export class RequestDefinitions implements vscode.Disposable {
  readonly #store = new Store();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  /** By the folder of the request file and all that it names. */
  readonly #kept = new Map<string, Promise<NamedDefinitions>>();
  #watcher: vscode.FileSystemWatcher | undefined;

  dispose(): void {
    this.#watcher?.dispose();
    this.#store.dispose();
  }

  /** Undefined for a file that names none. */
  async of(document: vscode.TextDocument): Promise<NamedDefinitions | undefined> {
    const { uses } = requestsIn(document);
    if (uses.length === 0) return undefined;
    this.#watcher ??= this.#watch();
    const folder = vscode.Uri.joinPath(document.uri, "..");
    const named = new Set(uses.map((use) => (use.kind === "file" ? `${use.path}/` : use.name)));
    const key = [folder, ...named].join("\n");
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const loading = load(folder, uses);
    this.#kept.set(key, loading);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return loading;
  }

  /** What is wrong with how a file uses definitions. */
  async problemsIn(document: vscode.TextDocument): Promise<readonly Problem[]> {
    const definitions = await this.of(document);
    return definitions ? useProblems(requestsIn(document), definitions) : [];
  }

  #watch(): vscode.FileSystemWatcher {
    const watcher = vscode.workspace.createFileSystemWatcher("**/*.ksy");
    const forget = () => {
      this.#kept.clear();
      this.#changed.fire();
    };
    watcher.onDidChange(forget);
    watcher.onDidCreate(forget);
    watcher.onDidDelete(forget);
    return watcher;
  }
}

async function load(
  folder: vscode.Uri,
  uses: Parameters<typeof NamedDefinitions.load>[0],
): Promise<NamedDefinitions> {
  const { NamedDefinitions } = await import("../../core/kaitai/named_definitions.ts");
  const read = async (path: string) => {
    // Of a path from the root on, as Windows and others have it.
    const uri = /^([A-Za-z]:)?\//.test(path)
      ? folder.with({ path: path.replace(/^(?=[A-Za-z]:)/, "/") })
      : vscode.Uri.joinPath(folder, path);
    try {
      if ((await vscode.workspace.fs.stat(uri)).size > MOST_BYTES) return undefined;
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    } catch {
      return undefined;
    }
  };
  const sentences = { definition: definitionSentence, encode: encodeProblemText };
  return NamedDefinitions.load(uses, { read, inflate, sentences });
}

function inflate(bytes: Uint8Array, limit: number): Uint8Array | undefined {
  try {
    return new Uint8Array(inflateSync(bytes, { maxOutputLength: limit }));
  } catch {
    return undefined;
  }
}
