import * as vscode from "vscode";
import {
  bestFormat,
  formatPayload,
  PAYLOAD_FORMATS,
  PAYLOAD_PROBLEMS,
  type PayloadFormat,
  type PayloadProblem,
  parsePayload,
} from "../../core/text/payload_format.ts";
import {
  printable,
  printableBytes,
  withoutIcons,
  withoutLinks,
} from "../../core/text/printable.ts";
import { numberText } from "../base/number_text.ts";
import type { SendHistory } from "./send_history.ts";

/** What a person wrote, and the bytes that it stands for. */
export interface WrittenPayload {
  readonly text: string;
  readonly format: PayloadFormat;
  readonly bytes: Uint8Array;
}

export interface PayloadQuestion {
  readonly title: string;
  /** What the payload begins with; nothing where it is left out. */
  readonly bytes?: Uint8Array;
  /** Most bytes that it may have. */
  readonly most: number;
  readonly history: SendHistory;
}

/** Bytes of the preview, so that it stays one line. */
const PREVIEW_BYTES = 16;
const PREVIEW_CHARACTERS = 40;

type Written = Omit<WrittenPayload, "bytes">;

/** Asks for a payload, in one of the formats, and shows its bytes as it is written; undefined when the person gives up. */
export async function askPayload(question: PayloadQuestion): Promise<WrittenPayload | undefined> {
  let written = beginning(question.bytes ?? new Uint8Array());
  for (;;) {
    const answer = await showBox(question, written);
    if (answer === undefined || "bytes" in answer) return answer;
    written = (await pickSent(question)) ?? answer;
  }
}

/** Why this is not in its format, in a sentence; part of it comes from a person, or out of a datagram. */
export function payloadProblemText({ code, part }: PayloadProblem): string {
  return vscode.l10n.t(PAYLOAD_PROBLEMS[code], withoutLinks(printable(part, { limit: 40 })));
}

/** The bytes' number, and the first of them in hexadecimal digits and as text. */
export function payloadPreview(bytes: Uint8Array): string {
  const first = bytes.subarray(0, PREVIEW_BYTES);
  const rest = bytes.length > PREVIEW_BYTES ? " …" : "";
  const hex = formatPayload(first, "hex") + rest;
  const text = withoutLinks(printableBytes(bytes, { limit: PREVIEW_CHARACTERS }));
  return bytes.length === 1
    ? vscode.l10n.t("1 byte: {0}   {1}", hex, text)
    : vscode.l10n.t("{0} bytes: {1}   {2}", numberText(bytes.length), hex, text);
}

function beginning(bytes: Uint8Array): Written {
  const format = bytes.length === 0 ? "text" : bestFormat(bytes);
  return { format, text: textOf(bytes, format) };
}

function textOf(bytes: Uint8Array, format: PayloadFormat): string {
  return format === "text" ? new TextDecoder().decode(bytes) : formatPayload(bytes, format);
}

/** Resolves with the payload, or, where the person wants to see what was sent before, with what is written so far. */
function showBox(
  { title, most, history }: PayloadQuestion,
  { text, format: firstFormat }: Written,
): Promise<WrittenPayload | Written | undefined> {
  let format = firstFormat;
  const input = vscode.window.createInputBox();
  const historyButton: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon("history"),
    tooltip: vscode.l10n.t("Choose from What Was Sent"),
  };
  let formatButton: vscode.QuickInputButton | undefined;

  const bytesNow = () => parsePayload(input.value, format);
  const show = () => {
    const parsed = bytesNow();
    const { Error: error, Info: info } = vscode.InputBoxValidationSeverity;
    if (!parsed.bytes) {
      input.validationMessage = { message: payloadProblemText(parsed.problem), severity: error };
    } else if (parsed.bytes.length > most) {
      const { length } = parsed.bytes;
      const tooLong = vscode.l10n.t(
        "{0} bytes: a datagram carries {1} at most",
        numberText(length),
        numberText(most),
      );
      input.validationMessage = { message: tooLong, severity: error };
    } else if (parsed.bytes.length === 0) {
      // Then the prompt is to be seen, which says how to write.
      input.validationMessage = undefined;
    } else {
      input.validationMessage = { message: payloadPreview(parsed.bytes), severity: info };
    }
  };
  const showFormat = () => {
    const next = nextFormat(format);
    formatButton = {
      iconPath: new vscode.ThemeIcon("arrow-swap"),
      tooltip: vscode.l10n.t("Write as {0}", next),
    };
    input.buttons = history.entries.length > 0 ? [historyButton, formatButton] : [formatButton];
    input.title = `${title} (${format})`;
    input.prompt = explanation(format);
    show();
  };
  const changeFormat = () => {
    const { bytes } = bytesNow();
    const next = nextFormat(format);
    // What is written stands for the same bytes in the new format, where that can be.
    if (bytes && canBe(bytes, next)) input.value = textOf(bytes, next);
    format = next;
    showFormat();
  };

  return new Promise((resolve) => {
    input.value = text;
    input.ignoreFocusOut = true;
    input.onDidChangeValue(show);
    input.onDidTriggerButton((button) => {
      if (button === formatButton) changeFormat();
      else {
        resolve({ text: input.value, format });
        input.dispose();
      }
    });
    input.onDidAccept(() => {
      const { bytes } = bytesNow();
      if (!bytes || bytes.length > most) return;
      resolve({ text: input.value, format, bytes });
      input.dispose();
    });
    input.onDidHide(() => {
      resolve(undefined);
      input.dispose();
    });
    showFormat();
    input.show();
  });
}

function nextFormat(format: PayloadFormat): PayloadFormat {
  return PAYLOAD_FORMATS[(PAYLOAD_FORMATS.indexOf(format) + 1) % PAYLOAD_FORMATS.length] ?? "text";
}

/** Not all bytes are text, and a box of one line has no room for line breaks. */
function canBe(bytes: Uint8Array, format: PayloadFormat): boolean {
  return format !== "text" || bestFormat(bytes) === "text";
}

function explanation(format: PayloadFormat): string {
  switch (format) {
    case "text":
      return vscode.l10n.t("Payload as text, in UTF-8");
    case "escape":
      return vscode.l10n.t(
        "Payload as text with escapes: {0}",
        "\\n, \\r, \\t, \\\\, \\xff, \\u{20ac}",
      );
    case "hex":
      return vscode.l10n.t("Payload as hexadecimal bytes: {0}", "41 6c, 41:6c, 0x41, 416c");
    case "base64":
      return vscode.l10n.t("Payload as base64");
  }
}

async function pickSent({ title, history }: PayloadQuestion): Promise<Written | undefined> {
  const picked = await vscode.window.showQuickPick(
    history.entries.map(({ text, format, to }) => ({
      label: withoutIcons(printable(text, { limit: 80 })) || '""',
      description: `${format}  ${withoutIcons(printable(to, { limit: 80 }))}`,
      written: { text, format },
    })),
    { title, placeHolder: vscode.l10n.t("What was sent, the latest first"), ignoreFocusOut: true },
  );
  return picked?.written;
}
