import * as vscode from "vscode";
import { withoutLinks } from "../../core/text/printable.ts";
import type { ReplayResult } from "../../processes/sender/messages.ts";
import { checkFile } from "../base/checks.ts";
import { fileErrorText } from "../base/file_error_text.ts";
import { registerGuarded } from "../base/guarded.ts";
import { HumanError } from "../base/human_error.ts";
import { Commands } from "../base/ids.ts";
import { askSteps, type PickItem, type PickStep } from "../base/multi_step.ts";
import { askFirst, showInformation } from "../base/notify.ts";
import { numberText } from "../base/number_text.ts";
import { optionError } from "../base/option_error.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { SavedCapture } from "../capture/saved_capture.ts";
import { DatagramsPage } from "../datagrams/datagrams_page.ts";
import { allRows, rowsOf, SCOPES, type Scope, scopeStep } from "../datagrams/scope.ts";
import { askConsent, type Consent, requireConsent } from "./consent.ts";
import { countCut, replayBatches, type Speed } from "./replay_job.ts";
import type { SendContext } from "./send_commands.ts";
import { targetStep } from "./send_steps.ts";
import { RefusedError } from "./sender_process.ts";
import { resolveTarget, type Target } from "./target.ts";

/** What `udpWorkbench.replay` takes. */
export interface ReplayArgument extends Consent {
  /** `127.0.0.1:9999` */
  readonly to: string;
  /** Ids of the window's capture, or `all` (the default), or what is `filtered` or `selected` in a grid. */
  readonly datagrams?: readonly number[] | Scope;
  /** A capture file, of which all is meant; the window's capture where it is left out. */
  readonly uri?: vscode.Uri | string;
  /** 1, the default: as it was; 10: ten times faster; or as fast as possible. */
  readonly speed?: Speed;
}

/** Datagrams in their order, and where they are. */
interface Chosen {
  readonly source: Pick<CaptureSource, "capture" | "payload">;
  readonly ids: readonly number[];
  readonly close?: () => Promise<void>;
}

const SLOWEST = 0.001;
const FASTEST = 1000;

/** Replay: with an argument it returns what was sent, or throws. Without, it asks for what the argument tells. */
export function registerReplay(context: SendContext): vscode.Disposable {
  return registerGuarded(
    Commands.replay,
    (argument?: ReplayArgument | { readonly webview: string }) =>
      argument && "to" in argument
        ? replayAsTold(context, argument)
        : askAndReplay(context, argument ? "selected" : "all"),
    context.log,
  );
}

async function replayAsTold(context: SendContext, argument: ReplayArgument): Promise<ReplayResult> {
  const target = await resolveTarget(String(argument.to));
  requireConsent(target, argument);
  const speed = checkSpeed(argument.speed ?? 1);
  return run(context, target, speed, await choose(context, argument));
}

async function askAndReplay(
  context: SendContext,
  preferred: Scope,
): Promise<ReplayResult | undefined> {
  const page = DatagramsPage.lastUsed;
  const source = page?.source ?? context.live;
  const all = allRows(source);
  const scopes = scopeStep(vscode.l10n.t("What to replay"), all.length, page, preferred);
  const answers = await askSteps(vscode.l10n.t("Replay"), [
    scopes,
    targetStep(context.live, context.history),
    speedStep(),
  ]);
  if (!answers) return undefined;
  const [scope = "all", to = "", speed = "1"] = answers;
  const target = await resolveTarget(to);
  const ids =
    scope === "all" ? all : await rowsOf(scope as "filtered" | "selected", replayFailure());
  if (!(await askAboutCut(countCut(source, ids), ids.length))) return undefined;
  if (!(await askConsent(target))) return undefined;
  const result = await run(context, target, speed === "fast" ? speed : Number(speed), {
    source,
    ids,
  });
  showInformation(resultText(result, ids.length, target));
  return result;
}

/** Tells the person where not all can be sent as it was; false where the answer is not to. */
async function askAboutCut(cut: number, all: number): Promise<boolean> {
  if (cut === 0) return true;
  const replay = vscode.l10n.t("Replay");
  const answer = await askFirst(
    vscode.l10n.t("Replay datagrams that were cut?"),
    vscode.l10n.t(
      "{0} of {1} datagrams were cut when they were recorded. They are sent only as far as that.",
      numberText(cut),
      numberText(all),
    ),
    replay,
  );
  return answer === replay;
}

/** What the argument means; `close` what was opened for it. */
async function choose(
  { live }: SendContext,
  { datagrams = "all", uri }: ReplayArgument,
): Promise<Chosen> {
  if (uri !== undefined) return openFile(checkFile("uri", uri));
  if (typeof datagrams !== "string") {
    if (!Array.isArray(datagrams) || !datagrams.every(Number.isInteger)) {
      throw optionError(
        "datagrams",
        vscode.l10n.t("a list of ids, or one of {0}", SCOPES.join(", ")),
      );
    }
    return { source: live, ids: datagrams };
  }
  if (!SCOPES.includes(datagrams)) {
    throw optionError(
      "datagrams",
      vscode.l10n.t("a list of ids, or one of {0}", SCOPES.join(", ")),
    );
  }
  if (datagrams === "all") {
    await live.scan();
    return { source: live, ids: allRows(live) };
  }
  const ids = await rowsOf(datagrams, replayFailure());
  return { source: DatagramsPage.lastUsed?.source ?? live, ids };
}

async function openFile({ fsPath }: vscode.Uri): Promise<Chosen> {
  const file = new SavedCapture(fsPath);
  try {
    await file.read();
  } catch (error) {
    await file.close();
    throw new HumanError(vscode.l10n.t("Cannot read {0}: {1}.", fsPath, fileErrorText(error)));
  }
  const source = { capture: file.capture, payload: (id: number) => file.payload(id) };
  return { source, ids: allRows(source), close: () => file.close() };
}

/** Sends them, with progress and a way out. */
async function run(
  { outbox }: SendContext,
  target: Target,
  speed: Speed,
  { source, ids, close }: Chosen,
): Promise<ReplayResult> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: withoutLinks(
      vscode.l10n.t("Replaying {0} datagrams to {1}", numberText(ids.length), target.name),
    ),
    cancellable: true,
  };
  try {
    return await vscode.window.withProgress(options, (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      let shown = 0;
      return outbox.sender.replay({
        to: {
          address: target.address,
          port: target.port,
          broadcast: target.reach === "broadcast",
        },
        batches: replayBatches(source, ids, speed),
        signal: abort.signal,
        onProgress: (sent, failed) => {
          const done = sent + failed;
          progress.report({
            message: vscode.l10n.t("{0} sent", numberText(sent)),
            increment: (100 * (done - shown)) / ids.length,
          });
          shown = done;
        },
      });
    });
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    throw new HumanError(
      vscode.l10n.t(
        "Cannot replay to {0}: no socket could send there ({1}).",
        target.name,
        error.code,
      ),
    );
  } finally {
    await close?.();
  }
}

function speedStep(): PickStep {
  const factor = (value: number): PickItem => ({
    label: vscode.l10n.t("{0} times as fast", value),
    value: String(value),
  });
  return {
    kind: "pick",
    prompt: vscode.l10n.t("How fast; choose one or type a factor"),
    items: [
      { label: vscode.l10n.t("Original timing"), value: "1" },
      factor(2),
      factor(10),
      {
        label: vscode.l10n.t("As fast as possible"),
        description: vscode.l10n.t(
          "in small bursts, so that a receiver on this machine loses none",
        ),
        value: "fast",
      },
    ],
    typed: (text) => {
      const value = Number(text);
      return value >= SLOWEST && value <= FASTEST
        ? { ...factor(value), alwaysShow: true }
        : undefined;
    },
  };
}

function checkSpeed(speed: unknown): Speed {
  if (speed === "fast") return speed;
  if (typeof speed === "number" && speed >= SLOWEST && speed <= FASTEST) return speed;
  throw optionError(
    "speed",
    vscode.l10n.t('a number from {0} to {1}, or "fast"', SLOWEST, FASTEST),
  );
}

function resultText(
  { sent, cut, failed, error = "", cancelled }: ReplayResult,
  all: number,
  { name }: Target,
): string {
  const count = numberText(sent);
  const news = cancelled
    ? vscode.l10n.t("Cancelled. Datagrams sent to {0}: {1} of {2}.", name, count, numberText(all))
    : vscode.l10n.t("Datagrams sent to {0}: {1}.", name, count);
  const refused =
    failed === 0
      ? ""
      : vscode.l10n.t("Refused by the system: {0} ({1}).", numberText(failed), error);
  const shortened =
    cut === 0 ? "" : vscode.l10n.t("Sent only as far as recorded: {0}.", numberText(cut));
  return [news, refused, shortened].filter((sentence) => sentence !== "").join(" ");
}

function replayFailure(): string {
  return vscode.l10n.t("Cannot replay");
}
