/** Texts of a page in the editor's language; the extension host's `vscode.l10n` is out of a page's reach. */
export interface Language {
  /** A tag of BCP 47, `zh-cn`. */
  readonly language: string;
  /** English → translated, as `vscode.l10n.bundle` has it; what is not in it stays English. */
  readonly texts: Readonly<Record<string, string>>;
}

let texts: Language["texts"] = {};
let numbers = new Intl.NumberFormat("en");

/** Before anything is shown: what is there already stays as it is. */
export function setLanguage(language: Language): void {
  texts = language.texts;
  numbers = new Intl.NumberFormat(language.language);
}

/** The text in the editor's language, with numbers and texts in the place of `{0}`, `{1}` and so on. */
export function t(text: string, ...values: readonly (number | string)[]): string {
  const translated = Object.hasOwn(texts, text) ? (texts[text] ?? text) : text;
  return translated.replace(/\{(\d+)\}/g, (placeholder, index) => {
    const value = values[Number(index)] ?? placeholder;
    return typeof value === "number" ? numberText(value) : value;
  });
}

/** `1,204` */
export function numberText(count: number): string {
  return numbers.format(count);
}

/** `1 byte`, `1,204 bytes` */
export function byteText(count: number): string {
  return count === 1 ? t("1 byte") : t("{0} bytes", count);
}
