#!/usr/bin/env node
// Stands in for VS Code's executable where there is no desktop: takes the flags of `code` that a test run has, runs the
// tests in the server build with a headless browser, prints what they print, and ends with their exit code.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format, parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { launchBrowser } from "./browser.ts";
import { followFile } from "./follow_file.ts";
import { OUTPUT, TESTS, VERDICT } from "./reported_tests.ts";
import { VscodeServer } from "./vscode_server.ts";
import { waitUntil } from "./wait_until.ts";

// The flags that we don't name are the desktop's own (--no-sandbox, --user-data-dir, ...): profile and extensions are
// always fresh here.
const { values: flags, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    extensionDevelopmentPath: { type: "string", multiple: true },
    extensionTestsPath: { type: "string" },
  },
});
const { extensionDevelopmentPath: paths, extensionTestsPath: tests } = flags;
const [extension, ...others] = [paths].flat().filter((path) => typeof path === "string");
if (extension !== undefined && typeof tests === "string") {
  process.exitCode = await runTests(extension, others, tests, positionals[0]);
} else {
  console.error("Cannot run tests: give --extensionDevelopmentPath= and --extensionTestsPath=");
  process.exitCode = 2;
}

/** @param others folders of extensions that run beside it: a page develops one alone, so they are installed */
async function runTests(
  extension: string,
  others: readonly string[],
  tests: string,
  folder?: string,
): Promise<number> {
  const reports = mkdtempSync(join(tmpdir(), "udp-workbench-report-"));
  const output = join(reports, "output");
  const verdict = join(reports, "verdict");
  const server = await VscodeServer.start({
    extensions: others,
    env: { [TESTS]: tests, [OUTPUT]: output, [VERDICT]: verdict },
  });
  const browser = await launchBrowser();
  const stopFollowing = followFile(output, (bytes) => process.stdout.write(bytes));
  try {
    const page = await browser.newPage();
    const log: string[] = [];
    await page.exposeFunction("codeAutomationLog", (_type: string, parts: unknown[]) => {
      log.push(format(...parts).split("\n", 1)[0] ?? "");
    });
    const ended = windowEnded(page, server);
    const url = server.pageUrl({
      folder: folder ?? server.emptyFolder,
      developmentPath: extension,
      testsPath: join(import.meta.dirname, "reported_tests.ts"),
    });
    await page.goto(url);
    const isStarted = () => existsSync(output) || existsSync(verdict);
    const started = waitUntil("the tests to start", isStarted, Boolean, { timeoutMs: 120_000 });
    const how = await Promise.race([ended, started.then(() => ended)]);
    stopFollowing();
    if (existsSync(verdict)) return readFileSync(verdict, "utf8") === "passed" ? 0 : 1;
    console.error(`Cannot tell how the tests went: ${how} before they did; VS Code's log ends:`);
    console.error(log.slice(-20).join("\n"));
    return 1;
  } finally {
    stopFollowing();
    await browser.close();
    await server.close();
    rmSync(reports, { recursive: true });
  }
}

/** Resolves with what has ended, when nobody is left who could run the tests. */
function windowEnded(page: Page, server: VscodeServer): Promise<string> {
  return new Promise((resolve) => {
    void page.exposeFunction("codeAutomationExit", () => resolve("the extension host ended"));
    page.once("crash", () => resolve("the window crashed"));
    page.once("close", () => resolve("the window closed"));
    void server.exited.then(() => resolve("the server ended"));
  });
}
