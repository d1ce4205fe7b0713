import * as vscode from "vscode";
import type { Block } from "../../../scripts/udp_run.ts";
import { TASK_TYPE } from "../base/ids.ts";
import { Store } from "../base/store.ts";
import { requestsIn } from "./request_texts.ts";

/** Ends a block that serves, from the link above it. */
export const STOP_SERVING = "_udpWorkbench.stopServing";

/** Where a task has begun to serve. The block may be at another line by now: its title tells which it is. */
interface Serving {
  readonly file: string;
  readonly line: number;
  readonly title: string | undefined;
}

/** The blocks that serve in terminals of this window. */
export class ServingBlocks implements vscode.Disposable {
  readonly #store = new Store();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  readonly #serving = new Map<vscode.TaskExecution, Serving>();

  constructor() {
    const { tasks, commands } = vscode;
    this.#store.add(tasks.onDidStartTask(({ execution }) => this.#add(execution)));
    this.#store.add(tasks.onDidEndTask(({ execution }) => this.#remove(execution)));
    for (const execution of tasks.taskExecutions) this.#add(execution);
    this.#store.add(
      commands.registerCommand(STOP_SERVING, (uri: vscode.Uri, line: number) => {
        const block = blockAt(uri.fsPath, line);
        if (block) for (const execution of this.#of(uri.fsPath, block)) execution.terminate();
      }),
    );
  }

  dispose(): void {
    this.#store.dispose();
  }

  isServing({ uri }: vscode.TextDocument, block: Block): boolean {
    return this.#of(uri.fsPath, block).length > 0;
  }

  #of(file: string, { title, span }: Block): vscode.TaskExecution[] {
    return Array.from(this.#serving)
      .filter(([, it]) => it.file === file && (it.title ?? title) === title)
      .filter(([, it]) => it.title !== undefined || it.line === span.line)
      .map(([execution]) => execution);
  }

  #add(execution: vscode.TaskExecution): void {
    const { type, program, file, args } = execution.task.definition;
    const at = Array.isArray(args) ? args.indexOf("--line") : -1;
    if (type !== TASK_TYPE || program !== "file" || typeof file !== "string" || at < 0) return;
    const line = Number(args[at + 1]);
    this.#serving.set(execution, { file, line, title: blockAt(file, line)?.title });
    this.#changed.fire();
  }

  #remove(execution: vscode.TaskExecution): void {
    if (this.#serving.delete(execution)) this.#changed.fire();
  }
}

/** Of a file that is open. */
function blockAt(file: string, line: number): Block | undefined {
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === file);
  return document && requestsIn(document).blocks.find(({ span }) => span.line === line);
}
