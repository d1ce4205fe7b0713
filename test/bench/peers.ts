import { spawn } from "node:child_process";
import { once } from "node:events";

/** A program of somebody else's: milliseconds from its start to its end. Its output is read and thrown away. */
export async function programTime(program: string, ...args: readonly string[]): Promise<number> {
  const start = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "ignore"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`Cannot measure ${program}: it ended with ${code}`);
  return performance.now() - start;
}

/** Measures a program where it is installed; undefined where it is not. */
export async function peer(
  program: string,
  ...args: readonly string[]
): Promise<(() => Promise<number>) | undefined> {
  try {
    await programTime(program, "--version");
  } catch {
    return undefined;
  }
  return () => programTime(program, ...args);
}
