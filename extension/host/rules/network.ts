import { type Rule, readOptions } from "../../../scripts/udp_relay.ts";
import type { RuleDirection, WrittenSocketRule } from "../../core/wire/socket_rule.ts";
import { optionWords, RULE_FLAGS } from "../launch/script_options.ts";
import { ruleOptions } from "./rule_words.ts";

/** A bad network as a person describes it. */
export interface Network {
  readonly ways: "both" | RuleDirection;
  /**
   * Options of the relay with their values; a flag has "". What differs between the ways is written behind each other, as in
   * `up:5% down:1%`: `up` is out, `down` is in.
   */
  readonly values: Readonly<Record<string, string>>;
}

/** Rules for a socket, as they are written down. */
export type WrittenRules = readonly WrittenSocketRule<Rule>[];

/** Which way a network is bad, where its values are asked for: a name beside theirs. */
export const WAY = "ways";

export const GOOD: Network = { ways: "both", values: {} };

const WAYS = { out: "up", in: "down" } as const;

/**
 * The rules that make the network so, one for each way, unless nothing happens there.
 *
 * @param peer the only one that they are for, `127.0.0.1:5000`
 * @throws an Error with one sentence
 */
export function rulesOf({ ways, values }: Network, peer?: string): WrittenSocketRule<Rule>[] {
  const words = Object.entries(values).flatMap(([name, value]) =>
    value === ""
      ? [`--${name}`]
      : withUnits(name, value)
          .split(/\s+/)
          .flatMap((each) => optionWords(name, each)),
  );
  const { rules } = readOptions(["--to", "127.0.0.1:1", ...words]);
  return (["out", "in"] as const).flatMap((direction) => {
    if (ways !== "both" && ways !== direction) return [];
    const rule = rules[WAYS[direction]];
    const { seed, ...rest } = rule;
    const isIdle = Object.keys(rest).length === 0;
    return isIdle ? [] : [{ direction, ...(peer !== undefined && { peer }), ...rule }];
  });
}

/** The network that such rules, one for each way at most, make; undefined where there is none. */
export function networkOf(rules: WrittenRules): Network | undefined {
  const [out, into] = (["out", "in"] as const).map((direction) => {
    const { direction: _, peer, ...rule } = rules.find((it) => it.direction === direction) ?? {};
    return _ === undefined ? undefined : ruleOptions(rule as Rule);
  });
  if (!out && !into) return undefined;
  // The relay's second way has a number of its own.
  const seed = out?.seed ?? String(Math.max(0, Number(into?.seed ?? 1) - 1));
  if (!out || !into) {
    return { ways: out ? "out" : "in", values: { ...(out ?? into), seed } };
  }
  const names = Object.keys(RULE_FLAGS).filter((name) => name in out || name in into);
  const values = names.map((name) => {
    const [up, down] = [out[name], into[name]];
    const apart = [up && `up:${up}`, down && `down:${down}`].filter(Boolean).join(" ");
    return [name, up === down ? (up ?? "") : apart];
  });
  return { ways: "both", values: { ...Object.fromEntries(values), seed } };
}

/** Whether they do the same, whatever accidents they draw. */
export function isSameNetwork(one: Network, other: Network): boolean {
  const withoutSeeds = (network: Network) =>
    JSON.stringify(rulesOf(network).map(({ seed, ...rule }) => rule));
  return withoutSeeds(one) === withoutSeeds(other);
}

/**
 * `in drop 5 delay 50ms`, or with the dashes of a command line; undefined where it is none.
 *
 * @throws nothing
 */
export function readNetwork(text: string): Network | undefined {
  const [first = "", ...rest] = text.trim().split(/\s+/);
  const ways = first === "in" || first === "out" ? first : "both";
  const words = ways === "both" ? [first, ...rest] : rest;
  const values: Record<string, string> = {};
  for (let at = 0; at < words.length; at++) {
    const name = (words[at] ?? "").replace(/^--/, "");
    if (!Object.hasOwn(RULE_FLAGS, name)) return undefined;
    const isFlag = Reflect.get(RULE_FLAGS, name) === "flag";
    values[name] = isFlag ? "" : (words[++at] ?? "?");
  }
  const network = { ways, values } as const;
  return isRight(network) && rulesOf(network).length > 0 ? network : undefined;
}

function isRight(network: Network): boolean {
  try {
    rulesOf(network);
    return true;
  } catch {
    return false;
  }
}

/** A number alone is what its field is for: percent, or milliseconds. */
export function withUnits(name: string, value: string): string {
  const unit = PERCENTAGES.has(name) ? "%" : name === "delay" || name === "jitter" ? "ms" : "";
  return value.trim().replaceAll(/(?<=^|\s|:)\d+(?:\.\d+)?(?=\s|$)/g, (number) => number + unit);
}

const PERCENTAGES = new Set(
  Object.entries(RULE_FLAGS).flatMap(([name, kind]) => (kind === "percent" ? [name] : [])),
);
