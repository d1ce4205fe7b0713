import { readdir, readFile } from "node:fs/promises";

/** Resident bytes of a process (Linux); undefined where the system does not tell, or it has ended. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(status) ?? [];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}

/** The processes whose command line holds one text and whose environment another (Linux); none elsewhere. */
export async function processesWith(command: string, environment: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc").catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const line = await readFile(`/proc/${name}/cmdline`, "utf8");
      if (!line.includes(command)) continue;
      if ((await readFile(`/proc/${name}/environ`, "utf8")).includes(environment))
        found.push(Number(name));
    } catch {
      // It ended meanwhile, or belongs to somebody else.
    }
  }
  return found;
}

/** The most memory that this process has ever had at once, in MiB. */
export function peakMib(): number {
  return process.resourceUsage().maxRSS / 1024;
}
