import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { installOnce } from "./cache_folder.ts";

/** The npm package that holds VS Code's server build: 4.139.1 is VS Code 1.139.1. */
const PACKAGE = "code-server";
const VERSION = "4.139.1";
/** To be raised when what is done to the package changes. */
const REVISION = 1;

/**
 * The folder of VS Code's server build, the real workbench for a browser. VS Code's own downloads need its
 * download server; this one comes through npm, so it is there wherever `npm ci` works. The first call takes
 * about half a minute, says so on stderr, and needs 600 MB of disk.
 */
export async function vscodeBuild(): Promise<string> {
  const folder = await installOnce(`vscode-${VERSION}-${REVISION}`, install);
  return join(folder, "node_modules", PACKAGE, "lib/vscode");
}

async function install(folder: string): Promise<void> {
  const started = Date.now();
  const say = (text: string) =>
    process.stderr.write(`VS Code ${VERSION.replace("4.", "1.")}: ${text}\n`);
  say("getting the server build, once (about 600 MB on disk)");
  // A package.json of its own, or npm would look for one upwards and install into the project.
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true }));
  await npmInstall(folder, `${PACKAGE}@${VERSION}`);
  const server = join(folder, "node_modules", PACKAGE, "lib/vscode");
  say("its modules");
  await npmInstall(server);
  say("its extensions' modules");
  await npmInstall(join(server, "extensions"));
  for (const name of ["spdlog", "native-watchdog"]) {
    const standIn = join(import.meta.dirname, "native_stand_ins", `${name}.cjs`);
    await copyFile(standIn, join(server, "node_modules/@vscode", name, "index.js"));
  }
  say(`ready after ${Math.round((Date.now() - started) / 1000)} s`);
}

/**
 * No scripts: nothing is compiled. node-pty, the one native module that we need, comes prebuilt; two others would fill
 * each log with their absence, so they get a stand-in.
 */
async function npmInstall(folder: string, ...packages: string[]): Promise<void> {
  const flags = ["--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const args = ["install", "--prefix", folder, ...flags, ...packages];
  const npm = process.env.npm_execpath;
  const child = npm?.endsWith("npm-cli.js")
    ? spawn(process.execPath, [npm, ...args], { cwd: folder, stdio: ["ignore", 2, 2] })
    : spawn("npm", args, { cwd: folder, stdio: ["ignore", 2, 2], shell: isWindows });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code === 0) return;
  throw new Error(
    `Cannot install ${packages[0] ?? folder}: npm ended with ${code}; see its message above, then try again`,
  );
}

const isWindows = process.platform === "win32";
