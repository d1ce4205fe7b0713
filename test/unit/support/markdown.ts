import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

export const ROOT = join(import.meta.dirname, "../../..");

const FOLDERS = ["docs", "scripts", "extension", "test", ".github"];

/** The paths of all Markdown files of the project, from its root on. */
export function markdownFiles(): string[] {
  const names = [...readdirSync(ROOT), ...FOLDERS.flatMap(filesBelow)];
  return names.filter((name) => name.endsWith(".md")).sort();
}

function filesBelow(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  return names.map((name) => `${folder}/${name.replaceAll(sep, "/")}`);
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The text without what is code, which has neither links nor headings. */
export function withoutCode(text: string): string {
  return text
    .replace(/^(```|~~~).*?^\1/gms, "")
    .replace(/^ {4}.*$/gm, "")
    .replace(/`[^`\n]*`/g, "");
}

/** What a page on GitHub, and in VS Code, can be opened at: its headings, each as the last part of an address. */
export function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/^(```|~~~).*?^\1/gms, "").matchAll(/^#{1,6} +(.+?) *#*$/gm);
  const found = new Set<string>();
  for (const [, heading = ""] of headings) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    let anchor = slug;
    for (let again = 1; found.has(anchor); again++) anchor = `${slug}-${again}`;
    found.add(anchor);
  }
  return found;
}

/** The cells of the rows of all tables below the heading, up to the next heading. */
export function tableBelow(text: string, heading: string): string[][] {
  const [, section = ""] = text.split(`${heading}\n`);
  const rows = section.split(/^#/m)[0]?.match(/^\|.*\|$/gm) ?? [];
  const cells = rows.map((row) =>
    row
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
  // Behind the names of the columns and the line below them.
  return cells.slice(2);
}

/** All that stands in code spans in a text. */
export function codesIn(text: string): string[] {
  return Array.from(text.matchAll(/`([^`\n]+)`/g), ([, code = ""]) => code);
}
