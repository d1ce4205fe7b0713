import type { DefinitionFile, Source } from "./definition.ts";
import { readDefinitionFile } from "./reader.ts";
import { YamlFile } from "./yaml_file.ts";

/** Most files of one definition. */
const MOST_FILES = 100;

/**
 * The text of a file; undefined where there is none.
 *
 * @param path with `/` between folders, relative to the folder that the definition's own path is relative to; of an
 *   absolute import ("/common/bcd") it begins with `/`
 */
export type ReadText = (path: string) => Promise<string | undefined>;

/** Files of a definition, each with the problems that were found while it was read. */
export interface LoadedFiles {
  readonly files: readonly DefinitionFile[];
  /** By the name of the file. */
  readonly yaml: ReadonlyMap<string, YamlFile>;
}

/** Reads a definition, and all that it imports, each file once: they may import each other (User Guide, 7.2 "Importing"). */
export async function loadFiles(path: string, text: string, read: ReadText): Promise<LoadedFiles> {
  const yaml = new Map<string, YamlFile>();
  const files: DefinitionFile[] = [];
  const add = (name: string, content: string): void => {
    const file = new YamlFile(name, content);
    yaml.set(name, file);
    files.push(readDefinitionFile(file));
  };
  add(path, text);
  // Grows while it is walked.
  for (const file of files) {
    for (const source of file.imports) {
      const target = importedPath(file.name, source);
      if (target !== undefined && yaml.has(target)) continue;
      const importer = yaml.get(file.name);
      if (files.length >= MOST_FILES) {
        importer?.report("importsTooMany", source.place, MOST_FILES);
        return { files, yaml };
      }
      const content = target === undefined ? undefined : await read(target);
      if (target === undefined || content === undefined) {
        if (source.text !== "")
          importer?.report("importNotFound", source.place, target ?? source.text);
      } else {
        add(target, content);
      }
    }
  }
  return { files, yaml };
}

/** Undefined where it leaves the folder that all paths are relative to. */
function importedPath(from: string, { text }: Source): string | undefined {
  const isAbsolute = text.startsWith("/") || from.startsWith("/");
  const start = text.startsWith("/") ? [] : from.split("/").slice(0, -1);
  const parts: string[] = [];
  for (const part of [...start, ...text.split("/")]) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  if (parts.length === 0) return undefined;
  return `${isAbsolute ? "/" : ""}${parts.join("/")}.ksy`;
}
