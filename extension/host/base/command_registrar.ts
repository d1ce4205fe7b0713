import * as vscode from "vscode";
import { printable } from "../../core/text/printable.ts";
import type { Caller } from "./caller.ts";
import type { Command, CommandId, CommandTable } from "./command.ts";
import { HumanError } from "./human_error.ts";
import { showError } from "./notify.ts";
import type { Place } from "./place.ts";
import { Store } from "./store.ts";
import { requireTrust } from "./trust.ts";

/**
 * Registers the commands of a table: each is loaded when it is first run, and runs for a program or for a person. Its
 * errors reach whoever runs it: a program gets them thrown, a person gets one notification.
 */
export class CommandRegistrar implements vscode.Disposable {
  readonly #table: CommandTable;
  readonly #log: vscode.LogOutputChannel;
  readonly #store = new Store();

  constructor(table: CommandTable, log: vscode.LogOutputChannel) {
    this.#table = table;
    this.#log = log;
    for (const id of Object.keys(table) as CommandId[]) {
      this.#store.add(
        vscode.commands.registerCommand(id, (...parameters: unknown[]) =>
          this.#run(id, async ({ options }) => {
            const { callerOf } = await import("./caller.ts");
            return callerOf(id, parameters, options);
          }),
        ),
      );
    }
  }

  /** Runs a command for a person at a place that VS Code knows nothing of: a button in a page of ours. */
  async runAt(id: CommandId, place: Place): Promise<void> {
    await this.#run(id, async () => ({ by: "person", place }));
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #run(
    id: CommandId,
    who: (command: Command<CommandId, unknown>) => Promise<Caller>,
  ): Promise<unknown> {
    let caller: Caller | undefined;
    try {
      const command: Command<CommandId, unknown> = await this.#table[id]();
      caller = await who(command);
      if (command.needsTrust) requireTrust();
      if (caller.by === "program") return await command.run(command.parse(caller.options));
      if (caller.problem) throw caller.problem;
      const argument = await command.ask(caller.place);
      if (argument === undefined) return undefined;
      return await (command.runForPerson?.(argument) ?? command.run(argument));
    } catch (thrown) {
      const error = thrown instanceof HumanError ? thrown : this.#unforeseen(id, thrown);
      if (caller?.by !== "person") throw error;
      void tell(error);
      return undefined;
    }
  }

  /** What nobody thought of is told in a sentence as well; the log has the rest. */
  #unforeseen(id: CommandId, error: unknown): HumanError {
    this.#log.error(error instanceof Error ? error : String(error));
    const reason = error instanceof Error ? error.message : String(error);
    return new HumanError(
      vscode.l10n.t(
        "Cannot run {0}: {1}; the output channel UDP Workbench tells more.",
        id,
        printable(reason, { limit: 200 }),
      ),
    );
  }
}

/** One notification, with a button for each thing that can be done about it. */
async function tell({ message, remedies }: HumanError): Promise<void> {
  const choice = await showError(message, ...remedies.map(({ label }) => label));
  await remedies.find(({ label }) => label === choice)?.run();
}
