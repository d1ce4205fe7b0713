// `npm start [-- FOLDER]`: VS Code with this extension, to try it by hand. Desktop VS Code where `code` is on the path;
// elsewhere VS Code's server build, for any browser on this machine, until Ctrl+C.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { projectFolder } from "../support/cache_folder.ts";
import { codeCommand } from "../support/desktop_vscode.ts";
import { VscodeServer } from "../support/vscode_server.ts";

const [folder] = process.argv.slice(2).map((path) => resolve(path));
const code = codeCommand();
if (code) await openDesktop(code);
else await serve();

async function openDesktop(command: string): Promise<void> {
  const args = ["--new-window", `--extensionDevelopmentPath=${projectFolder}`];
  const child = spawn(command, folder ? [...args, folder] : args, {
    stdio: "inherit",
    shell: process.platform === "win32", // there, `code` is a batch file
  });
  const [exitCode] = await once(child, "exit");
  process.exitCode = exitCode;
}

async function serve(): Promise<void> {
  const server = await VscodeServer.start();
  const url = server.pageUrl({
    folder: folder ?? server.emptyFolder,
    developmentPath: projectFolder,
  });
  console.log(
    `Open this in a browser; keep it to yourself, it is a key to this machine:\n\n  ${url}\n`,
  );
  console.log("Ctrl+C ends VS Code and what runs in it.");
  const interrupted = ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => once(process, signal));
  await Promise.race([...interrupted, server.exited]);
  await server.close();
}
