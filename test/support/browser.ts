import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";
import { chromiumBuild } from "./chromium_build.ts";

const FLAGS = [
  "--no-sandbox", // a container's root cannot have one, and the only pages are ours
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  // The tests stay on this machine, whatever the workbench would like to ask the network.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/**
 * A headless browser: the system's Chrome or Chromium where there is one, else npm's. `options`: what a test wants
 * otherwise than Playwright does it.
 */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  const installed = systemBrowser();
  const build = installed ? { executablePath: installed } : await chromiumBuild();
  return chromium.launch({ ...build, args: FLAGS, timeout: 120_000, ...options });
}

function systemBrowser(): string | undefined {
  const names = ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const places = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
  ];
  return [...paths, ...places].find(existsSync);
}
