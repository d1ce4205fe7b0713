import * as vscode from "vscode";
import {
  bestTemplateFormat,
  parseTemplate,
  TEMPLATE_PROBLEMS,
  type TemplateProblem,
  templateText,
} from "../../core/payload/template.ts";
import {
  formatPayload,
  PAYLOAD_FORMATS,
  type PayloadFormat,
} from "../../core/text/payload_format.ts";
import {
  printable,
  printableBytes,
  withoutIcons,
  withoutLinks,
} from "../../core/text/printable.ts";
import { numberText } from "../base/number_text.ts";
import type { ComputedValues } from "./computed_values.ts";
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
  readonly computed: ComputedValues;
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
export function payloadProblemText({ code, arguments: words }: TemplateProblem): string {
  return vscode.l10n.t(
    TEMPLATE_PROBLEMS[code],
    ...words.map((word) => withoutLinks(printable(word, { limit: 300 }))),
  );
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
  const format = bytes.length === 0 ? "text" : bestTemplateFormat(bytes);
  return { format, text: templateText(bytes, format) ?? "" };
}

/** Resolves with the payload, or, where the person wants to see what was sent before, with what is written so far. */
function showBox(
  { title, most, history, computed }: PayloadQuestion,
  { text, format: firstFormat }: Written,
): Promise<WrittenPayload | Written | undefined> {
  let format = firstFormat;
  const input = vscode.window.createInputBox();
  const historyButton: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon("history"),
    tooltip: vscode.l10n.t("Choose from What Was Sent"),
  };
  let formatButton: vscode.QuickInputButton | undefined;

  const draft = computed.draft();
  const templateNow = () => parseTemplate(input.value, format);
  const show = () => {
    const parsed = templateNow();
    const { Error: error, Info: info } = vscode.InputBoxValidationSeverity;
    if (!parsed.template) {
      input.validationMessage = { message: payloadProblemText(parsed.problem), severity: error };
    } else if (parsed.template.length > most) {
      const { length } = parsed.template;
      const tooLong = vscode.l10n.t(
        "{0} bytes: a datagram carries {1} at most",
        numberText(length),
        numberText(most),
      );
      input.validationMessage = { message: tooLong, severity: error };
    } else if (parsed.template.length === 0) {
      // Then the prompt is to be seen, which says how to write.
      input.validationMessage = undefined;
    } else {
      const message = payloadPreview(draft.show(parsed.template));
      input.validationMessage = { message, severity: info };
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
    const next = nextFormat(format);
    // What is written stands for the same bytes in the new format, where that can be.
    input.value = templateNow().template?.write(next) ?? input.value;
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
      const { template } = templateNow();
      if (!template || template.length > most) return;
      resolve({ text: input.value, format, bytes: draft.take(template) });
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
