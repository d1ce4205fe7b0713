import { spawn } from "node:child_process";
import { once } from "node:events";

/** Starts a capture as a person does; resolves when it captures, to what ends it. */
export async function dumpcap(file: string, port: number): Promise<() => Promise<void>> {
  const child = spawn("dumpcap", ["-q", "-i", "lo", "-f", `udp port ${port}`, "-w", file], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  ended.catch(() => {});
  for await (const text of child.stderr) if (String(text).includes("File:")) break;
  if (child.exitCode !== null || child.pid === undefined) throw new Error("dumpcap has ended");
  child.stderr.destroy();
  return async () => {
    child.kill();
    await ended;
  };
}

/** Whether dumpcap is installed, and may capture. */
export async function canCapture(file: string): Promise<boolean> {
  try {
    const end = await dumpcap(file, 9);
    await end();
    return true;
  } catch {
    return false;
  }
}
