import { randomBytes } from "node:crypto";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { KeptProcess } from "./kept_process.ts";
import { endMarked } from "./marked_processes.ts";
import { type VscodeBuild, vscodeBuild } from "./vscode_build.ts";

/** VS Code's user settings, as in settings.json. */
export type Settings = Readonly<Record<string, unknown>>;

export interface ServerOptions {
  readonly settings?: Settings;
  /** A packed extension to install; without one, each page says which folder it develops. */
  readonly vsix?: string;
  /** Folders of extensions that are there as if they had been installed. */
  readonly extensions?: readonly string[];
  /** The language of the window, such as `zh-cn`: that of extensions which have it. VS Code's own words stay English. */
  readonly locale?: string;
  /** Environment for the server, the extension host and the terminals, on top of this process's. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface PageOptions {
  /** The workspace folder; undefined opens an empty window. */
  readonly folder?: string;
  /** The folder of an extension under development. */
  readonly developmentPath?: string;
  /** A CommonJS module that exports `run()`: the window runs it and tells how it went. */
  readonly testsPath?: string;
}

/**
 * No greetings, no chat, nothing that asks the network, terminals in the DOM instead of on a canvas, and nothing that moves
 * by itself: each frame is drawn by the processor, and the fading of a palette took more of it than what was asked there.
 */
const QUIET: Settings = {
  "chat.agentHost.enabled": false,
  "chat.disableAIFeatures": true,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "js/ts.tsserver.automaticTypeAcquisition.enabled": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "terminal.integrated.gpuAcceleration": "off",
  "typescript.disableAutomaticTypeAcquisition": true,
  "update.showReleaseNotes": false,
  "workbench.enableExperiments": false,
  "workbench.reduceMotion": "on",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  // As in a window on the desktop: what a test types is on no disk until it says so.
  "files.autoSave": "off",
  "workbench.tips.enabled": false,
};

/** What this process got from an editor, from npm or from a terminal, and a person's VS Code would not have. */
const NOT_INHERITED = /^(VSCODE_|ELECTRON_|npm_|TERM_PROGRAM|NODE_OPTIONS$|XDG_RUNTIME_DIR$)/;

/**
 * VS Code's server build on a free port of 127.0.0.1, with settings, extensions and temporary files of its own.
 * Whoever can reach it has a shell, so it wants a token that only its user can read.
 */
export class VscodeServer {
  readonly port: number;
  /** An empty folder, gone when the server is closed. */
  readonly emptyFolder: string;
  #process: KeptProcess;
  readonly #folder: string;
  readonly #token: string;
  readonly #listen: Listen;

  private constructor({ process, port }: Listening, folder: string, token: string, listen: Listen) {
    this.#process = process;
    this.#folder = folder;
    this.#token = token;
    this.#listen = listen;
    this.port = port;
    this.emptyFolder = join(folder, "workspace");
  }

  static async start(options: ServerOptions = {}): Promise<VscodeServer> {
    const build = await vscodeBuild();
    const folder = await temporaryFolder();
    const token = randomBytes(16).toString("hex");
    try {
      await writeFile(join(folder, "token"), token, { mode: 0o600 });
      const listen = await installIn(folder, build, options);
      return new VscodeServer(await listen(0), folder, token, listen);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** What the server printed, for the report of a failure. */
  get log(): string {
    return this.#process.log;
  }

  /** The exit code, when the server is gone. */
  get exited(): Promise<number> {
    return this.#process.exited;
  }

  /** The address of a window. Whoever knows it can run programs as this user. */
  pageUrl({ folder, developmentPath, testsPath }: PageOptions = {}): string {
    const remote = (path: string) =>
      `vscode-remote://127.0.0.1:${this.port}${pathToFileURL(path).pathname}`;
    const payload = [["skipWelcome", "true"]];
    if (developmentPath) payload.push(["extensionDevelopmentPath", remote(developmentPath)]);
    if (testsPath) payload.push(["extensionTestsPath", remote(testsPath)]);
    const query = new URLSearchParams({ tkn: this.#token, payload: JSON.stringify(payload) });
    if (folder === undefined) query.set("ew", "true");
    else query.set("folder", folder);
    return `http://127.0.0.1:${this.port}/?${query}`;
  }

  /** Replaces the user's settings; open windows take them over. */
  async changeSettings(settings: Settings): Promise<void> {
    await writeSettings(this.#folder, settings);
  }

  /** Ends what runs in the terminals of all windows, as closing the terminals does. */
  async endTerminals(): Promise<void> {
    await endMarked(this.#process.mark, { terminalsOnly: true });
  }

  /** Kills the server, as a system does that is short of memory. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }

  /** Starts it again after that: it has its files, and its address, by which a browser knows it. */
  async startAgain(): Promise<void> {
    ({ process: this.#process } = await this.#listen(this.port));
  }

  /** Ends the server and everything that was started in it, and removes its files. */
  async close(): Promise<void> {
    await this.#process.end();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A server's process, and the port that it listens on. */
interface Listening {
  readonly process: KeptProcess;
  readonly port: number;
}

/** Starts a server that listens on this port, or, with 0, on a free one. */
type Listen = (port: number) => Promise<Listening>;

/** Prepares a folder for servers with these options; its file `token` is there. */
async function installIn(
  folder: string,
  { folder: build, node }: VscodeBuild,
  { settings, vsix, extensions = [], locale, env }: ServerOptions,
): Promise<Listen> {
  await writeSettings(folder, settings);
  if (locale !== undefined) await writeLanguagePack(folder, locale);
  for (const path of extensions) {
    await cp(path, join(folder, "extensions", basename(path)), { recursive: true });
  }
  const run = (...args: string[]) =>
    new KeptProcess(
      node,
      [
        join(build, "out/server-main.js"),
        ...["--server-data-dir", join(folder, "data")],
        ...["--extensions-dir", join(folder, "extensions")],
        ...["--accept-server-license-terms", "--disable-telemetry"],
        ...args,
      ],
      { cwd: build, env: environment(folder, env), folder },
    );
  if (vsix !== undefined) {
    const install = run("--install-extension", vsix);
    if ((await install.exited) !== 0) throw new Error(`Cannot install ${vsix}: ${install.log}`);
  }
  return async (wanted) => {
    const server = run(
      ...["--host", "127.0.0.1", "--port", String(wanted)],
      ...["--connection-token-file", join(folder, "token")],
      ...(locale === undefined ? [] : ["--locale", locale]),
      ...(settings?.["security.workspace.trust.enabled"] ? [] : ["--disable-workspace-trust"]),
      "--enable-smoke-test-driver", // without it the page ignores the payload, and has no driver to ask
    );
    const [, port] = await server.printed(/Extension host agent listening on (\d+)/);
    return { process: server, port: Number(port) };
  };
}

async function temporaryFolder(): Promise<string> {
  // Sockets are made in it, and a socket's path has at most 103 bytes on macOS: its own folder is too long for that.
  const base = process.platform === "darwin" ? "/tmp" : tmpdir();
  const folder = await mkdtemp(join(base, "udp-workbench-"));
  for (const name of ["workspace", "temporary"]) await mkdir(join(folder, name));
  return folder;
}

async function writeSettings(folder: string, settings: Settings = {}): Promise<void> {
  const text = JSON.stringify({ ...QUIET, ...settings }, null, 2);
  // Settings of scope "machine" are read from the server's own file.
  for (const scope of ["User", "Machine"]) {
    const path = join(folder, "data/data", scope);
    await mkdir(path, { recursive: true });
    await writeFile(join(path, "settings.json"), text);
  }
}

/**
 * A language pack without a word in it, as VS Code notes one that is installed: it knows no language without. Microsoft's
 * packs are in its market place alone.
 */
async function writeLanguagePack(folder: string, locale: string): Promise<void> {
  const words = join(folder, "words.json");
  await writeFile(words, JSON.stringify({ version: "1.0.0", contents: {} }));
  const extensions = [{ extensionIdentifier: { id: "words.none" }, version: "1.0.0" }];
  const pack = { hash: "empty", label: locale, extensions, translations: { vscode: words } };
  await writeFile(join(folder, "data/data/languagepacks.json"), JSON.stringify({ [locale]: pack }));
}

function environment(folder: string, additional: ServerOptions["env"]): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
  return {
    ...Object.fromEntries(inherited),
    EXTENSIONS_GALLERY: "{}", // no market place, so no question to one
    TMPDIR: join(folder, "temporary"),
    ...additional,
  };
}
