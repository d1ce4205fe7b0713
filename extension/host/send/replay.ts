import * as vscode from "vscode";
import type { Consent, Scope } from "../../api.ts";
import { printable, withoutLinks } from "../../core/text/printable.ts";
import type { ReplayResult } from "../../processes/sender/messages.ts";
import { checkFile, checkText } from "../base/checks.ts";
import type { Command } from "../base/command.ts";
import { fileErrorText } from "../base/file_error_text.ts";
import { HumanError } from "../base/human_error.ts";
import { askSteps, type PickItem, type PickStep } from "../base/multi_step.ts";
import { askFirst, button, showInformation } from "../base/notify.ts";
import { numberText } from "../base/number_text.ts";
import { optionError } from "../base/option_error.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { localFile } from "../capture/local_file.ts";
import { SavedCapture } from "../capture/saved_capture.ts";
import { allRows, rowsOf, SCOPES, scopeStep } from "../datagrams/scope.ts";
import { askConsent, consentOf, requireConsent } from "./consent.ts";
import { countCut, replayBatches, type Speed } from "./replay_job.ts";
import { targetStep } from "./send_steps.ts";
import { RefusedError } from "./sender_process.ts";
import type { Sending } from "./sending.ts";
import { resolveTarget, type Target } from "./target.ts";

interface Context extends Pick<Sending, "live" | "grids" | "outbox" | "history"> {}

/** What is to be sent, where to and how fast. */
interface Replaying {
  readonly to: string;
  readonly speed: Speed;
  readonly what: What;
  /** Of a program; a person is asked. */
  readonly consent?: Consent;
}

/** A file, these datagrams of this window's capture, or those of the grid that was used last. */
type What =
  | { readonly file: vscode.Uri }
  | { readonly ids: readonly number[] }
  | { readonly scope: Scope; readonly source: CaptureSource };

/** Datagrams in their order, and where they are. */
interface Chosen {
  readonly source: Pick<CaptureSource, "capture" | "payload">;
  readonly ids: readonly number[];
  /** Closes what was opened for it. */
  readonly close?: () => Promise<void>;
}

const SLOWEST = 0.001;
const FASTEST = 1000;

/** *Replay...*: sends a capture, or a part of it. */
export function replay(context: Context): Command<"udpWorkbench.replay", Replaying> {
  return {
    id: "udpWorkbench.replay",
    options: {
      to: true,
      datagrams: true,
      uri: true,
      speed: true,
      confirmed: true,
      broadcast: true,
    },
    parse: ({ to, datagrams, uri, speed = 1, ...consent }) => ({
      to: checkText("to", to),
      what: uri === undefined ? datagramsOf(context, datagrams) : { file: checkFile("uri", uri) },
      speed: checkSpeed(speed),
      consent: consentOf(consent),
    }),
    ask: (place) => ask(context, place?.kind === "row" ? "selected" : "all"),
    async run({ to, speed, what, consent = {} }) {
      const target = await resolveTarget(to);
      requireConsent(target, consent);
      if ("scope" in what && what.source === context.live) await context.live.scan();
      return send(context, target, speed, await choose(context, what));
    },
    async runForPerson({ to, speed, what }) {
      const target = await resolveTarget(to);
      const chosen = await choose(context, what);
      const { source, ids } = chosen;
      if (!(await askAboutCut(countCut(source, ids), ids.length))) return undefined;
      if (!(await askConsent(target))) return undefined;
      const result = await send(context, target, speed, chosen);
      showInformation(resultText(result, ids.length, target));
      return result;
    },
  };
}

async function ask(
  { live, grids, history }: Context,
  preferred: Scope,
): Promise<Replaying | undefined> {
  const page = grids.lastUsed;
  const source = page?.source ?? live;
  const all = allRows(source).length;
  const answers = await askSteps(vscode.l10n.t("Replay: {0}", source.name), [
    scopeStep(vscode.l10n.t("What to replay"), all, page, preferred),
    targetStep(live, history),
    speedStep(),
  ]);
  if (!answers) return undefined;
  const [scope = "all", to = "", speed = "1"] = answers;
  return {
    to,
    speed: speed === "fast" ? speed : Number(speed),
    what: { scope: scope as Scope, source },
  };
}

/** Tells the person where not all can be sent as it was; false where the answer is not to. */
async function askAboutCut(cut: number, all: number): Promise<boolean> {
  if (cut === 0) return true;
  const replay = button(vscode.l10n.t("Replay"));
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

/** What the option `datagrams` means. */
function datagramsOf({ live, grids }: Context, datagrams: unknown = "all"): What {
  const scope = SCOPES.find((known) => known === datagrams);
  if (scope === "all") return { scope, source: live };
  if (scope !== undefined) return { scope, source: grids.lastUsed?.source ?? live };
  if (Array.isArray(datagrams) && datagrams.every(Number.isInteger)) return { ids: datagrams };
  throw optionError("datagrams", vscode.l10n.t("a list of ids, or one of {0}", SCOPES.join(", ")));
}

async function choose({ live, grids }: Context, what: What): Promise<Chosen> {
  if ("file" in what) return openFile(what.file);
  if ("ids" in what) return { source: live, ids: what.ids };
  const { scope, source } = what;
  if (scope === "all") return { source, ids: allRows(source) };
  const failure = vscode.l10n.t("Cannot replay");
  return { source, ids: await rowsOf(grids.lastUsed, scope, failure) };
}

async function openFile(uri: vscode.Uri): Promise<Chosen> {
  let close = async () => {};
  try {
    const local = await localFile(uri);
    const file = new SavedCapture(local.path);
    close = () => file.close().finally(() => local.remove());
    await file.read();
    const source = { capture: file.capture, payload: (id: number) => file.payload(id) };
    return { source, ids: allRows(source), close };
  } catch (error) {
    await close();
    if (error instanceof HumanError) throw error;
    const name = printable(uri.fsPath, { limit: 300 });
    throw new HumanError(vscode.l10n.t("Cannot read {0}: {1}.", name, fileErrorText(error)));
  }
}

/** Sends them, with progress and a way out. */
async function send(
  { outbox }: Context,
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
