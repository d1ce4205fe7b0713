import type { CommandTypes } from "../../api.ts";
import type { Place } from "./place.ts";

export type CommandId = keyof CommandTypes;
export type CommandArgument<Id extends CommandId> = CommandTypes[Id][0];
export type CommandResult<Id extends CommandId> = CommandTypes[Id][1];

/** The options that a caller gave: none but those that the command has, and anything for their values. */
export type GivenOptions<Id extends CommandId> = {
  readonly [Name in keyof CommandArgument<Id>]?: unknown;
};

/**
 * One thing that the extension can do: for a person, who is asked, and for a program, which is told what came of it.
 * `Checked` is what it needs to know: its options, or what these stand for.
 */
export interface Command<Id extends CommandId, Checked = CommandArgument<Id>> {
  readonly id: Id;
  /** Its options, all of them: an object that has others is not meant for it. */
  readonly options: { readonly [Name in keyof CommandArgument<Id>]-?: true };
  /** It starts a program: not in a window that the user does not trust yet. */
  readonly needsTrust?: true;
  /** What came from a key binding, a task, another extension or a language model; throws a {@link HumanError}. */
  parse(given: GivenOptions<Id>): Checked;
  /** What a person means: by the place that they were at, or by answers to questions. Undefined: they gave up. */
  ask(place: Place | undefined): Promise<Checked | undefined>;
  run(argument: Checked): Promise<CommandResult<Id>>;
  /**
   * The same for a person, who is to see it and may be asked again on the way; left out where that is no different.
   * Undefined: they gave up.
   */
  runForPerson?(argument: Checked): Promise<CommandResult<Id> | undefined>;
}

/** All commands, each loaded when it is first run. One that is left out does not compile. */
export type CommandTable = {
  readonly [Id in CommandId]: () => Promise<Command<Id, unknown>>;
};

/** A command that has no options and asks for nothing. */
export function plainCommand<Id extends CommandId>(
  id: Id,
  run: () => Promise<CommandResult<Id>>,
): Command<Id, object> {
  const nothing = {};
  return {
    id,
    options: nothing as Command<Id>["options"],
    parse: () => nothing,
    ask: async () => nothing,
    run,
  };
}
