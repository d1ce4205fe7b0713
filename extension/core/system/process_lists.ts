import { baseName, type SystemProcess } from "./processes.ts";

/** `/proc/PID/stat` and `cmdline` of Linux (proc_pid_stat(5), proc_pid_cmdline(5)) as one process. */
export function parseLinuxProcess(
  pid: number,
  stat: string,
  commandLine: string,
  executable: string,
): SystemProcess {
  // The name stands in brackets and may itself hold brackets, spaces and line feeds.
  const end = stat.lastIndexOf(")");
  const [, ppid] = /^. ([1-9]\d{0,9}) /.exec(stat.slice(end + 2)) ?? [];
  const words = commandLine.replace(/\0+$/, "").split("\0");
  return {
    pid,
    ppid: ppid === undefined ? undefined : Number(ppid),
    name:
      baseName(executable.replace(/ \(deleted\)$/, "")) || stat.slice(stat.indexOf("(") + 1, end),
    words: words.length === 1 && words[0] === "" ? [] : words,
  };
}

/** The lines of `ps -axwwo pid=,ppid=,command=` (macOS). Words with spaces cannot be told apart there. */
export function parsePs(text: string): SystemProcess[] {
  const processes: SystemProcess[] = [];
  for (const line of text.split("\n")) {
    const [, pid, ppid, command = ""] = /^\s*(\d+)\s+(\d+)\s(.*)$/.exec(line) ?? [];
    if (pid === undefined) continue;
    const words = command.split(" ").filter((word) => word !== "");
    processes.push({
      pid: Number(pid),
      ppid: Number(ppid) || undefined,
      // A login shell has a dash before its name.
      name: baseName(words[0] ?? "").replace(/^-/, ""),
      words,
    });
  }
  return processes;
}

/**
 * What PowerShell's `Get-CimInstance Win32_Process | Select-Object ProcessId,ParentProcessId,Name,CommandLine |
 * ConvertTo-Json` prints: an array, or one object where there is one process.
 */
export function parseWin32Processes(json: string): SystemProcess[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return [];
  }
  const processes: SystemProcess[] = [];
  for (const entry of Array.isArray(parsed) ? parsed : [parsed]) {
    const { ProcessId, ParentProcessId, Name, CommandLine } = (entry ?? {}) as Record<
      string,
      unknown
    >;
    if (typeof ProcessId !== "number") continue;
    processes.push({
      pid: ProcessId,
      ppid: typeof ParentProcessId === "number" ? ParentProcessId : undefined,
      name: typeof Name === "string" ? Name.replace(/\.exe$/i, "") : "",
      words: typeof CommandLine === "string" ? windowsWords(CommandLine) : [],
    });
  }
  return processes;
}

/** The words of a Windows command line, as far as quotes around whole words tell. */
function windowsWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain = ""]) => quoted ?? plain);
}
