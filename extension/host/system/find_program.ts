import { access, constants } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";

/**
 * The file at `path` or, where that is "", the first on the PATH that is called `name`; undefined where it cannot be
 * run. Always absolute: a relative entry of the PATH would let any folder slip a program in.
 */
export async function findProgram(name: string, path = ""): Promise<string | undefined> {
  const names = process.platform === "win32" ? [`${name}.exe`, `${name}.cmd`] : [name];
  const folders = (process.env.PATH ?? "").split(delimiter).filter(isAbsolute);
  const candidates =
    path !== "" ? [path] : folders.flatMap((folder) => names.map((file) => join(folder, file)));
  for (const candidate of candidates) {
    if (isAbsolute(candidate) && (await isExecutable(candidate))) return candidate;
  }
  return undefined;
}

export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
