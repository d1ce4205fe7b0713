import * as vscode from "vscode";
import { compileCondition } from "../../core/kaitai/condition.ts";
import { Refusal } from "../../core/kaitai/problem.ts";
import { canonicalAddress, parseAddress } from "../../core/wire/address.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import { givenText } from "../base/checks.ts";
import { refusalText } from "../words/problem_text.ts";
import { isProto, isWithin } from "./definition_paths.ts";

/** An entry of `udpWorkbench.definitions`: a definition, and which datagrams it is for. */
export interface DefinitionEntry {
  /** Path of the `.ksy` or `.proto` file within the workspace, with `/` between folders. */
  readonly file: string;
  /** The type that a payload is; left out: the definition's own. */
  readonly type?: string;
  /** Of either end. */
  readonly port?: number;
  /** Address of either end, or address and port as `10.0.0.7:5005`. */
  readonly peer?: string;
  /** As the row of a datagram shows it. */
  readonly direction?: "in" | "out";
  /** What the payload has to be: `u2le[0] == 0x4001`. */
  readonly when?: string;
  /** Of a `.proto`: bytes of a header before the message. */
  readonly skip?: number;
  /** Of a `.proto`: messages, each behind its length. */
  readonly delimited?: boolean;
}

/** An entry that holds what it may. */
export interface DefinitionUse extends DefinitionEntry {
  /** Its place in the setting, from 0. */
  readonly index: number;
  /** Whether a payload is what `when` asks for. */
  readonly isFor: (payload: Uint8Array) => boolean;
}

/** What is known of a datagram that a definition is looked for. */
export interface DatagramEnds {
  readonly ports: readonly number[];
  /** Each end, as an address and as an address with its port. */
  readonly peers: readonly string[];
  /** As its row shows it; undefined where that is not known. */
  readonly direction: "in" | "out" | undefined;
}

/** What is wrong with an entry, which is for nothing then. */
export interface EntryProblem {
  /** Its place in the setting, from 0. */
  readonly entry: number;
  /** Undefined: it is about the whole entry. */
  readonly key: string | undefined;
  /** One sentence, in the editor's language: with the entry, counted from 1, and the key. */
  readonly problem: string;
}

interface Setting {
  readonly uses: readonly DefinitionUse[];
  readonly problems: readonly EntryProblem[];
}

/** What each key may hold, in words; undefined where it holds that. */
const CHECKS: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  file: (value) =>
    typeof value === "string" && isWithin(value)
      ? undefined
      : vscode.l10n.t("a path within the workspace, with / between folders"),
  type: (value) =>
    typeof value === "string" && value !== "" ? undefined : vscode.l10n.t("the name of a type"),
  port: (value) =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535
      ? undefined
      : vscode.l10n.t("a port from 1 to 65535"),
  peer: (value) =>
    canonicalPeer(value) === undefined
      ? vscode.l10n.t("an address, or an address and a port as 10.0.0.7:5005 or [::1]:5005")
      : undefined,
  direction: (value) => (value === "in" || value === "out" ? undefined : "in, out"),
  when: (value) =>
    typeof value === "string" ? undefined : vscode.l10n.t("a condition as u2le[0] == 0x4001"),
  skip: (value) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535
      ? undefined
      : vscode.l10n.t("a number of bytes from 0 to 65535"),
  delimited: (value) => (typeof value === "boolean" ? undefined : vscode.l10n.t("true or false")),
};

/** Reads the setting. An entry with anything wrong in it is for no datagram: it might be for others than is meant. */
export function readDefinitionSetting(setting: unknown): Setting {
  const uses: DefinitionUse[] = [];
  const problems: EntryProblem[] = [];
  for (const [index, entry] of (Array.isArray(setting) ? setting : []).entries()) {
    const found = problems.length;
    const report = (key: string | undefined, sentence: string): void => {
      const where = [vscode.l10n.t("Entry {0}", index + 1), ...(key === undefined ? [] : [key])];
      problems.push({ entry: index, key, problem: `${where.join(", ")}: ${sentence}` });
    };
    if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
      report(undefined, expected(vscode.l10n.t("an object with file"), entry));
      continue;
    }
    const values = entry as Record<string, unknown>;
    for (const [key, value] of Object.entries(values)) {
      const check = Object.hasOwn(CHECKS, key) ? CHECKS[key] : undefined;
      if (!check) {
        const known = Object.keys(CHECKS).join(", ");
        report(givenText(key), vscode.l10n.t("this is none of the keys {0}.", known));
        continue;
      }
      const wanted = check(value);
      if (wanted !== undefined) report(key, expected(wanted, value));
    }
    for (const key of ["skip", "delimited"]) {
      if (values[key] === undefined || isProto(String(values.file))) continue;
      report(key, vscode.l10n.t("this means something only for a .proto file."));
    }
    if (values.file === undefined) report(undefined, vscode.l10n.t("the key file is missing."));
    const isFor = typeof values.when === "string" ? condition(values.when, report) : () => true;
    if (problems.length > found || !isFor) continue;
    const peer = canonicalPeer(values.peer);
    uses.push({ ...(values as unknown as DefinitionEntry), ...(peer && { peer }), index, isFor });
  }
  return { uses, problems };
}

function expected(what: string, value: unknown): string {
  return vscode.l10n.t("expected {0}, got {1}.", what, givenText(value));
}

function condition(
  text: string,
  report: (key: string, sentence: string) => void,
): ((payload: Uint8Array) => boolean) | undefined {
  try {
    return compileCondition(text);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    report("when", refusalText(error));
    return undefined;
  }
}

/** As ends of datagrams are written here; undefined where it is no address, with or without a port. */
function canonicalPeer(peer: unknown): string | undefined {
  if (typeof peer !== "string") return undefined;
  if (parseAddress(peer)) return canonicalAddress(peer);
  const [, inBrackets, plain, port = ""] = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(peer) ?? [];
  const address = inBrackets ?? plain;
  if (!address || !parseAddress(address) || Number(port) > 65_535) return undefined;
  return formatEndpoint({ address: canonicalAddress(address), port: Number(port) });
}

/** The first that is for a datagram with these ends and this payload. */
export function definitionFor(
  uses: readonly DefinitionUse[],
  ends: DatagramEnds,
  payload: Uint8Array,
): DefinitionUse | undefined {
  return uses.find((use) => mayBeFor(use, ends) && use.isFor(payload));
}

/** Whether it is for a datagram with these ends, as far as the payload is what it asks for. */
export function mayBeFor(use: DefinitionEntry, { ports, peers, direction }: DatagramEnds): boolean {
  return (
    (use.port === undefined || ports.includes(use.port)) &&
    (use.peer === undefined || peers.includes(use.peer)) &&
    (use.direction === undefined || use.direction === direction)
  );
}
