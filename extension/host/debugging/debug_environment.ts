import { delimiter } from "node:path";
import type { DebugConfiguration } from "vscode";
import { requireOption } from "../attach/attach_loader.ts";
import { PRELOADED_BY } from "./debuggers.ts";

/** What a program is preloaded with, and told. */
export interface TapForDebugging {
  /** Path of tap.cjs. */
  readonly tap: string;
  /** The folder of the tap for Python. */
  readonly pythonTap: string;
  /** Variables that the tap reads. */
  readonly environment: Readonly<Record<string, string>>;
  /** Terminals of this window have all this already. */
  readonly isInTerminals: boolean;
}

type Variables = Readonly<Record<string, unknown>>;

/** Has to be in no command line: a debugger types the environment into the terminal. */
const SECRETS = ["UDP_TAP_CONTROL", "UDP_TAP_TOKEN"];

/**
 * The configuration by which a debugged program is watched, or is not. What it has for `NODE_OPTIONS` or `PYTHONPATH` stays:
 * of `env`, else of the `envFile`, which a debugger reads but for what `env` has, else what VS Code itself was started with.
 *
 * @param ofFile what the files that `envFile` names say, which wins where several do
 * @param inherited the environment of the extension host
 */
export function watchedConfiguration(
  config: DebugConfiguration,
  isWatched: boolean,
  { tap, pythonTap, environment, isInTerminals }: TapForDebugging,
  ofFile: Variables,
  inherited: Variables,
): DebugConfiguration {
  const preloadedBy = PRELOADED_BY[config.type];
  // An attached program runs already; and a child's session is its parent's program.
  if (!preloadedBy || config.request !== "launch" || config.__pendingTargetId) return config;
  const given: Variables = config.env ?? {};
  // Deno asks its user for what the tap needs, and Bun reads no NODE_OPTIONS.
  if (/^(?:.*[/\\])?(?:deno|bun)(?:\.exe)?$/.test(String(config.runtimeExecutable))) return config;
  const isTerminal = isTerminalOf(config, preloadedBy);
  if (!isWatched) {
    // A new terminal may have it from auto attach: without a folder a tap does nothing.
    return isTerminal && isInTerminals ? { ...config, env: { ...given, UDP_TAP_DIR: "" } } : config;
  }
  const told = Object.entries(environment).filter(
    ([name]) => !isTerminal || (!isInTerminals && !SECRETS.includes(name)),
  );
  // Null unsets a variable, which is meant.
  const own = Object.hasOwn(given, preloadedBy) ? given[preloadedBy] : ofFile[preloadedBy];
  const before = own === undefined ? inherited[preloadedBy] : own;
  const option = preloadedBy === "NODE_OPTIONS" ? requireOption(tap) : pythonTap;
  // One debugger may hand its configuration on to another.
  if (typeof own === "string" && own.includes(option)) return config;
  const kept = typeof before === "string" && before !== "" ? before : undefined;
  const preloaded =
    preloadedBy === "NODE_OPTIONS"
      ? [kept, option].filter((it) => it !== undefined).join(" ")
      : [option, kept].filter((it) => it !== undefined).join(delimiter);
  // The terminal's has it in front already, and what a shell's start-up files add.
  const isThere = isTerminal && isInTerminals && own === undefined && preloadedBy === "PYTHONPATH";
  const env = {
    ...given,
    ...Object.fromEntries(told),
    ...(!isThere && { [preloadedBy]: preloaded }),
  };
  return { ...config, env };
}

function isTerminalOf({ console: where }: DebugConfiguration, preloadedBy: string): boolean {
  // What they do where nothing is said.
  if (where === undefined) return preloadedBy === "PYTHONPATH";
  return where !== "internalConsole";
}
