/**
 * How an option is written on a command line: with a text, a number, either of them, a percentage (a number, or a text as
 * the script has it, such as `down:30%`), or by its name alone.
 */
export type OptionKind = "text" | "number" | "either" | "percent" | "flag";

/** Options of udp_server.ts beside host, port and reply, by its own names; its --help tells what they do. */
export const SERVER_FLAGS = {
  buffer: "number",
  count: "number",
  rate: "number",
  amplify: "flag",
  workers: "number",
  broadcast: "flag",
  join: "text",
  interface: "text",
  json: "flag",
  quiet: "flag",
  verbose: "flag",
} as const satisfies Record<string, OptionKind>;

/** Options of udp_client.ts beside host, port and messages. */
export const CLIENT_FLAGS = {
  bind: "text",
  interactive: "flag",
  file: "text",
  format: "text",
  count: "number",
  interval: "text",
  rate: "number",
  timeout: "text",
  retries: "number",
  "no-wait": "flag",
  broadcast: "flag",
  ttl: "number",
  interface: "text",
  json: "flag",
  quiet: "flag",
  verbose: "flag",
} as const satisfies Record<string, OptionKind>;

/** Options of udp_relay.ts that say what its network does. What has a way is a text: `down:30%`. */
export const RULE_FLAGS = {
  drop: "percent",
  burst: "text",
  outage: "text",
  mtu: "either",
  duplicate: "percent",
  corrupt: "percent",
  reorder: "percent",
  delay: "text",
  jitter: "text",
  normal: "flag",
  "keep-order": "flag",
  rate: "either",
  limit: "either",
  only: "text",
  seed: "number",
} as const satisfies Record<string, OptionKind>;

/** Options of udp_relay.ts beside where it listens and where it sends. */
export const RELAY_FLAGS = {
  ...RULE_FLAGS,
  clients: "number",
  idle: "text",
  broadcast: "flag",
  join: "text",
  interface: "text",
  json: "flag",
  quiet: "flag",
  verbose: "flag",
} as const satisfies Record<string, OptionKind>;

export type Flags = Readonly<Record<string, OptionKind>>;

export type FlagValues<T extends Flags> = {
  readonly [Name in keyof T]?: T[Name] extends "flag"
    ? boolean
    : T[Name] extends "text"
      ? string
      : T[Name] extends "number"
        ? number
        : number | string;
};

export type ServerFlags = FlagValues<typeof SERVER_FLAGS>;
export type ClientFlags = FlagValues<typeof CLIENT_FLAGS>;
export type RelayFlags = FlagValues<typeof RELAY_FLAGS>;
export type RuleFlags = FlagValues<typeof RULE_FLAGS>;

/** The options as words of a command line. */
export function flagWords(flags: Flags, values: object): string[] {
  return Object.entries(flags).flatMap(([name, kind]) => {
    const value = Reflect.get(values, name) as string | number | boolean | undefined;
    if (value === undefined || value === false) return [];
    if (value === true) return [`--${name}`];
    return optionWords(
      name,
      kind === "percent" && typeof value === "number" ? `${value}%` : String(value),
    );
  });
}

/** One word where two would make an option of the value. */
export function optionWords(name: string, value: string): string[] {
  return value.startsWith("-") ? [`--${name}=${value}`] : [`--${name}`, value];
}

/** The names of the options, for a command that has all of them. */
export function optionNames<T extends Flags>(flags: T): { readonly [Name in keyof T]: true } {
  const names = Object.keys(flags).map((name) => [name, true]);
  return Object.fromEntries(names) as { readonly [Name in keyof T]: true };
}
