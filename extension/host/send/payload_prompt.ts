import * as vscode from "vscode";
import type { Encoded } from "../../core/payload/encoded.ts";
import { bestTemplateFormat, parseTemplate, templateText } from "../../core/payload/template.ts";
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
import { encodeProblemText, type FieldsFormat, type SendFormat } from "./fields_format.ts";
import type { SendHistory } from "./send_history.ts";

/** What a person wrote, and the bytes that it stands for. */
export interface WrittenPayload {
  readonly text: string;
  readonly format: SendFormat;
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
  readonly fields: FieldsFormat;
}

/** Bytes of the preview, so that it stays one line. */
const PREVIEW_BYTES = 16;
const PREVIEW_CHARACTERS = 40;

type Written = Omit<WrittenPayload, "bytes">;

/** Asks for a payload, in one of the formats, and shows its bytes as it is written; undefined when the person gives up. */
export async function askPayload(question: PayloadQuestion): Promise<WrittenPayload | undefined> {
  let written = beginning(question);
  for (;;) {
    const answer = await showBox(question, written);
    if (answer === undefined || "bytes" in answer) return answer;
    written = (await pickSent(question)) ?? answer;
  }
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

/** What a datagram says is changed field by field, where that can be. */
function beginning({ bytes = new Uint8Array(), fields }: PayloadQuestion): Written {
  const asFields = bytes.length === 0 ? undefined : fields.write(bytes);
  if (asFields !== undefined) return { format: "fields", text: asFields };
  const format = bytes.length === 0 ? "text" : bestTemplateFormat(bytes);
  return { format, text: templateText(bytes, format) ?? "" };
}

/** Resolves with the payload, or, where the person wants to see what was sent before, with what is written so far. */
function showBox(
  { title, most, history, computed, fields }: PayloadQuestion,
  { text, format: firstFormat }: Written,
): Promise<WrittenPayload | Written | undefined> {
  let format = firstFormat;
  const input = vscode.window.createInputBox();
  const historyButton: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon("history"),
    tooltip: vscode.l10n.t("Choose from What Was Sent"),
  };
  const fieldsButton: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon("symbol-field"),
    tooltip: vscode.l10n.t("Write as Fields of a Definition"),
  };
  let formatButton: vscode.QuickInputButton | undefined;

  const draft = computed.draft();
  const templateNow = (): Encoded => {
    if (format === "fields") return fields.read(input.value);
    const parsed = parseTemplate(input.value, format);
    return parsed.template ? { ...parsed, derived: [] } : parsed;
  };
  const show = () => {
    const parsed = templateNow();
    const { Error: error, Info: info } = vscode.InputBoxValidationSeverity;
    if (!parsed.template) {
      input.validationMessage = { message: encodeProblemText(parsed.problem), severity: error };
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
      const preview = payloadPreview(draft.show(parsed.template));
      const derived = withoutLinks(printable(parsed.derived.join(", "), { limit: 80 }));
      const message =
        derived === "" ? preview : vscode.l10n.t("{0}   derived: {1}", preview, derived);
      input.validationMessage = { message, severity: info };
    }
  };
  const showFormat = () => {
    const next = nextFormat(format);
    formatButton = {
      iconPath: new vscode.ThemeIcon("arrow-swap"),
      tooltip: vscode.l10n.t("Write as {0}", next),
    };
    input.buttons = [
      ...(history.entries.length > 0 ? [historyButton] : []),
      ...(fields.isOfUse && format !== "fields" ? [fieldsButton] : []),
      formatButton,
    ];
    input.title = `${title} (${format})`;
    input.prompt = explanation(format);
    show();
  };
  const writeAsFields = () => {
    const { template } = { template: undefined, ...templateNow() };
    const bytes = template && draft.show(template);
    const text = bytes && bytes.length > 0 ? fields.write(bytes) : undefined;
    input.value = text ?? fields.start();
    format = "fields";
    showFormat();
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
      else if (button === fieldsButton) writeAsFields();
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

/** Of a payload of fields its bytes, whatever they are. */
function nextFormat(format: SendFormat): PayloadFormat {
  if (format === "fields") return "hex";
  return PAYLOAD_FORMATS[(PAYLOAD_FORMATS.indexOf(format) + 1) % PAYLOAD_FORMATS.length] ?? "text";
}

function explanation(format: SendFormat): string {
  switch (format) {
    case "fields":
      return vscode.l10n.t(
        "Payload as the fields of a definition: {0}",
        "sensor { id: 7, temp: 21.5 }",
      );
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
