import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/**
 * Compiles one of the bench's own C programs into a folder; resolves to its path, undefined where there is no C
 * compiler or the system lacks what the program needs.
 */
export async function compiled(
  name: "load_generator" | "echo_loop",
  folder: string,
): Promise<string | undefined> {
  const program = join(folder, name);
  try {
    const source = join(import.meta.dirname, `${name}.c`);
    await promisify(execFile)("cc", ["-O2", "-o", program, source]);
    return program;
  } catch {
    return undefined;
  }
}
