/** A process as the operating system lists it. Names and command lines are whatever its program says: hostile. */
export interface SystemProcess {
  readonly pid: number;
  readonly ppid: number | undefined;
  /** File name of the executable, or what the process calls itself. */
  readonly name: string;
  /** The command line, word by word where the system keeps words; empty where it may not be read. */
  readonly words: readonly string[];
}

const JAVASCRIPT = /^(?:node|nodejs|tsx|bun|bunx|deno)(?:[-.]?\d[\d.]*)?$/i;
const PYTHON = /^(?:python|pypy|py)(?:\d[\d.]*)?$/i;
/** Options of Node, Deno and Bun whose value is the next word, as far as one meets them. */
const OPTIONS_WITH_VALUE =
  /^(?:-r|--require|--import|--loader|--experimental-loader|--env-file|-C|--conditions|--preload|-c|--config|--tsconfig)$/;
/** Sub-commands that stand before the script. */
const SUBCOMMANDS = new Set(["run", "watch"]);
/** Words of Python before the script, of which the letters may stand together: `-Bu`, `-W error`, `-Xdev`. */
const PYTHON_FLAGS = /^-([a-zA-Z]+)/;

/** True where the process is Node, Bun, Deno or Python, which a tap can be preloaded into. */
export function isTappableRuntime(process: SystemProcess): boolean {
  return isRuntime(process, JAVASCRIPT) || (isRuntime(process, PYTHON) && readsPythonPath(process));
}

/** The script, in Python also the module, that such a runtime runs, as its command line has it; "" where there is none. */
export function scriptOf(process: SystemProcess): string {
  return isRuntime(process, PYTHON) ? pythonScript(process).script : javaScript(process);
}

function isRuntime({ name, words }: SystemProcess, names: RegExp): boolean {
  return names.test(name) || names.test(baseName(words[0] ?? "").replace(/\.exe$/i, ""));
}

function javaScript({ words }: SystemProcess): string {
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? "";
    if (OPTIONS_WITH_VALUE.test(word)) at++;
    else if (/^(?:-e|--eval|-p|--print|-pe)$/.test(word)) return "";
    else if (!word.startsWith("-") && !SUBCOMMANDS.has(word)) return word;
  }
  return "";
}

/** Under -I, -E or -S Python is told to load nothing that its environment names. */
function readsPythonPath(process: SystemProcess): boolean {
  return !/[IES]/.test(pythonScript(process).flags);
}

/** https://docs.python.org/3/using/cmdline.html: the letters of the options before the script, and the script. */
function pythonScript({ words }: SystemProcess): {
  readonly script: string;
  readonly flags: string;
} {
  let flags = "";
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word.startsWith("--")) {
      // The only one whose value is the next word.
      if (word === "--check-hash-based-pycs") at++;
      continue;
    }
    const [, letters] = PYTHON_FLAGS.exec(word) ?? [];
    if (letters === undefined) return { script: word === "-" ? "" : word, flags };
    // What follows these is their value, in the same word or the next one: the first two end the options.
    const [known = "", option] = /^([^cmWX]*)([cmWX]?)/.exec(letters)?.slice(1) ?? [];
    flags += known;
    if (!option) continue;
    const value = word.slice(1 + known.length + 1) || words[++at] || "";
    if (option === "c") return { script: "", flags };
    if (option === "m") return { script: value, flags };
  }
  return { script: "", flags };
}

/**
 * What people call the process: the script's file name where a runtime of JavaScript or Python runs one, else what the table of the
 * sockets calls it, else its own name. "" where nothing is known.
 */
export function programName(process: SystemProcess | undefined, tableName = ""): string {
  if (!process) return tableName;
  const isKnown = isRuntime(process, JAVASCRIPT) || isRuntime(process, PYTHON);
  const script = isKnown ? baseName(scriptOf(process)) : "";
  return script || tableName || process.name || baseName(process.words[0] ?? "");
}

export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}
