import * as vscode from "vscode";
import {
  type Problem,
  REQUEST_PROBLEMS,
  RUN_PROBLEMS,
  type Said,
} from "../../../scripts/udp_run.ts";
import { FIT_PROBLEMS } from "../../core/kaitai/failure.ts";
import { ENCODE_PROBLEMS } from "../../core/payload/encoded.ts";
import { printable } from "../../core/text/printable.ts";

/** What is wrong with a request file, in the editor's language. */
export function problemText({ code, given }: Problem): string {
  return vscode.l10n.t(REQUEST_PROBLEMS[code], ...given.map((text) => printable(text)));
}

/** Why a block has failed, in the editor's language, where the runner has said so by a code. */
export function failureText({ message, said }: { message: string; said?: Said }): string {
  return said ? saidText(said) : toldText(message);
}

function saidText(said: string | Said): string {
  if (typeof said === "string") return toldText(said);
  const { code, given, text, key } = said;
  const words = given.map(saidText);
  if (text === undefined) return vscode.l10n.t(RUN_PROBLEMS[code], ...words);
  return foreignText(key, words) ?? toldText(text);
}

/** A sentence of those who read and write payloads by definitions, as a part of another one. */
function foreignText(key = "", words: readonly string[]): string | undefined {
  const [table, code = ""] = key.split(".");
  if (table === "fit" && isFit(code)) {
    return vscode.l10n.t(FIT_PROBLEMS[code], ...words).replace(/[.。]$/, "");
  }
  if (table === "encode" && isEncode(code)) return vscode.l10n.t(ENCODE_PROBLEMS[code], ...words);
  return undefined;
}

function isFit(code: string): code is keyof typeof FIT_PROBLEMS {
  return Object.hasOwn(FIT_PROBLEMS, code);
}

function isEncode(code: string): code is keyof typeof ENCODE_PROBLEMS {
  return Object.hasOwn(ENCODE_PROBLEMS, code);
}

/** What the runner tells has its bytes escaped already: with a backslash, which is not escaped again. */
function toldText(message: string): string {
  return printable(message, { limit: 1000 }).replaceAll("\\\\", "\\");
}
