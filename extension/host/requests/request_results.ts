import * as vscode from "vscode";
import type { Block } from "../../../scripts/udp_run.ts";
import { parseHex } from "../../core/text/hex.ts";
import { hexdump } from "../../core/text/hexdump.ts";
import { printable } from "../../core/text/printable.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import { numberText } from "../base/number_text.ts";
import { Store } from "../base/store.ts";
import type { BlockResult, PassedDatagram } from "./request_run.ts";
import { verbatim } from "./request_texts.ts";

type Look = "passed" | "failed" | "quiet";
type Remark = vscode.DecorationOptions & { readonly look: Look };

/** So much stands beside a line; the hover has the rest. */
const MAX_REMARK = 100;
const MAX_BYTES = 24;
const MAX_DUMPED = 20;

/** What came of blocks, beside their lines, until their text changes. */
export class RequestResults implements vscode.Disposable {
  readonly #store = new Store();
  readonly #looks: Readonly<Record<Look, vscode.TextEditorDecorationType>>;
  /** By file, and by the line of the block. */
  readonly #shown = new Map<string, Map<number, readonly Remark[]>>();

  constructor() {
    const look = (color: string) =>
      this.#store.add(
        vscode.window.createTextEditorDecorationType({
          after: { color: new vscode.ThemeColor(color), margin: "0 0 0 2em" },
          rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
        }),
      );
    this.#looks = {
      // Those of icons are pale in light themes, and high contrast has none for what failed.
      passed: look("charts.green"),
      failed: look("editorError.foreground"),
      quiet: look("descriptionForeground"),
    };
    const { workspace, window } = vscode;
    this.#store.add(
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.clear(document.uri);
      }),
    );
    this.#store.add(workspace.onDidCloseTextDocument(({ uri }) => this.clear(uri)));
    this.#store.add(window.onDidChangeVisibleTextEditors(() => this.#draw()));
  }

  dispose(): void {
    this.#store.dispose();
  }

  show(document: vscode.TextDocument, block: Block, result: BlockResult): void {
    const key = document.uri.toString();
    const blocks = this.#shown.get(key) ?? new Map<number, readonly Remark[]>();
    this.#shown.set(key, blocks.set(block.span.line, remarksOn(document, block, result)));
    this.#draw();
  }

  clear(uri: vscode.Uri): void {
    if (this.#shown.delete(uri.toString())) this.#draw();
  }

  #draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const blocks = this.#shown.get(editor.document.uri.toString());
      const remarks = [...(blocks?.values() ?? [])].flat();
      for (const [look, type] of Object.entries(this.#looks)) {
        editor.setDecorations(
          type,
          remarks.filter((remark) => remark.look === look),
        );
      }
    }
  }
}

function remarksOn(
  document: vscode.TextDocument,
  block: Block,
  result: BlockResult,
): readonly Remark[] {
  if (result.outcome === "disabled") return [];
  const remark = (line: number, look: Look, text: string, hoverMessage = ""): Remark => ({
    range: document.lineAt(line - 1).range,
    look,
    renderOptions: { after: { contentText: printable(text, { limit: MAX_REMARK }) } },
    ...(hoverMessage !== "" && { hoverMessage: verbatim(hoverMessage) }),
  });
  const isPassed = result.outcome === "passed";
  const ms = numberText(Math.round(result.ms));
  const outcome = isPassed
    ? vscode.l10n.t("passed in {0} ms", ms)
    : vscode.l10n.t("failed in {0} ms", ms);
  return [
    remark(block.span.line, isPassed ? "passed" : "failed", outcome, dumped(result)),
    ...passedBy(block, result).map(({ line, text }) => remark(line, "quiet", text)),
    ...result.captured.map(({ line, value }) => remark(line, "quiet", value)),
  ];
}

/** What was sent and what came, beside the lines that say so, where it is clear which is which. */
function passedBy(block: Block, result: BlockResult) {
  const { sent, received } = result;
  const sends = block.steps.filter(({ kind }) => kind === "send");
  const expects = block.steps.filter((step) => step.kind === "expect");
  const remarks = sends.flatMap(({ line }, index) => {
    const one = sent.length === sends.length ? sent[index] : undefined;
    return one ? [{ line, text: vscode.l10n.t("sent {0}", bytesText(one)) }] : [];
  });
  const [expect] = expects;
  if (sends.length !== 1 || !expect || expects.length > 1) return remarks;
  const [first] = received;
  const { line } = expect;
  if (first && received.length === 1) {
    remarks.push({ line, text: vscode.l10n.t("got {0}", bytesText(first)) });
  } else if (received.length > 1) {
    const count = numberText(received.length + result.dropped);
    remarks.push({ line, text: vscode.l10n.t("got {0} datagrams", count) });
  } else if (expect.max === 0 && !expect.refused && result.outcome === "passed") {
    remarks.push({ line, text: vscode.l10n.t("silence, as expected") });
  }
  return remarks;
}

/** Bytes as they are written in the file. */
function bytesText({ "data.data": digits }: PassedDatagram): string {
  const shown = digits.slice(0, 2 * MAX_BYTES).replace(/..(?!$)/g, "$& ");
  if (shown === "") return '""';
  return digits.length > 2 * MAX_BYTES ? `${shown} …` : shown;
}

/** The datagrams of a block, each as a dump. */
function dumped(result: BlockResult): string {
  const dump = (title: string, datagram: PassedDatagram) => {
    const from = formatEndpoint({
      address: datagram["ip.src"],
      port: datagram["udp.srcport"],
    });
    const to = formatEndpoint({ address: datagram["ip.dst"], port: datagram["udp.dstport"] });
    const bytes = hexdump(parseHex(datagram["data.data"].slice(0, 1024)) ?? new Uint8Array());
    return `${title} ${from} → ${to}\n${bytes}`;
  };
  const dumps = [
    ...result.sent.slice(0, MAX_DUMPED).map((it) => dump(vscode.l10n.t("sent"), it)),
    ...result.received.slice(0, MAX_DUMPED).map((it) => dump(vscode.l10n.t("received"), it)),
  ];
  return dumps.join("\n\n");
}
