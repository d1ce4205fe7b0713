import type { Rule } from "../../../scripts/udp_relay.ts";

/** The options of the relay that make a rule, without their dashes; a flag has "". */
export type RuleOptions = Readonly<Record<string, string>>;

/** The options that a rule was made of, or could have been: what readOptions() of the relay makes that rule of. */
export function ruleOptions(rule: Rule): RuleOptions {
  const { burst, outage, rate, only } = rule;
  const texts: Record<string, string | undefined> = {
    drop: percent(rule.drop),
    burst: burst && `${percent(burst.begin)}/${percent(burst.end)}`,
    outage: outage && `${milliseconds(outage.lasts)}/${milliseconds(outage.every)}`,
    mtu: text(rule.mtu),
    duplicate: percent(rule.duplicate),
    corrupt: percent(rule.corrupt),
    reorder: percent(rule.reorder),
    delay: milliseconds(rule.delay),
    jitter: milliseconds(rule.jitter),
    normal: rule.distribution === "normal" ? "" : undefined,
    "keep-order": rule.inOrder ? "" : undefined,
    rate: rate && ("bytes" in rate ? `${text(rate.bytes / 1000)}KB` : text(rate.datagrams)),
    limit: text(rule.limit),
    only: only && whichText(only),
    seed: text(rule.seed),
  };
  const given = Object.entries(texts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as RuleOptions;
}

/** `drop 5% delay 50ms seed 7` */
export function ruleWords(rule: Rule): string {
  return Object.entries(ruleOptions(rule))
    .map(([name, value]) => `${name} ${value}`.trim())
    .join(" ");
}

function whichText({ min, max, prefix, every }: NonNullable<Rule["only"]>): string {
  const isLong = min !== undefined || max !== undefined;
  const parts = [
    isLong ? `${min ?? 0}-${max ?? ""}` : "",
    prefix?.replaceAll(" ", "") ?? "",
    every === undefined ? "" : `/${every}`,
  ];
  return parts.filter((part) => part !== "").join(",");
}

const percent = (value: number | undefined) =>
  value === undefined ? undefined : `${text(value)}%`;
const milliseconds = (value: number | undefined) =>
  value === undefined ? undefined : `${text(value)}ms`;

/** Never as 1e-7, which no option takes. */
function text(value: number): string;
function text(value: number | undefined): string | undefined;
function text(value: number | undefined): string | undefined {
  if (value === undefined) return undefined;
  return value.toFixed(6).replace(/\.?0+$/, "");
}
