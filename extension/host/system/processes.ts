/** True while a process of this user with that id exists. One of another user is not a program that we launched. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * True while the process that wrote a capture file exists. Process ids are given out again, so a process that
 * started after the file was made is another one. Only Linux tells when a process started; elsewhere the id decides.
 */
export async function isWriterAlive(pid: number, file: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform !== "linux") return true;
  try {
    return await (await import("./process_facts.ts")).isWriterOf(pid, file);
  } catch {
    return isAlive(pid);
  }
}
