import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import type { Browser, Page } from "playwright-core";
import { type FakeCapture, installFakeHost } from "./fake_host.ts";
import { type ThemeName, themes } from "./themes.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const pictures = `${root}.vscode-test/pictures`;
const origin = "http://webview.test";
const nonce = "dGhpcyBpcyBhIHRlc3Q";

/** VS Code's own style for webviews, as far as it reaches this page. */
const defaultStyles = `
@layer vscode-default {
  html { scrollbar-color: var(--vscode-scrollbarSlider-background) var(--vscode-editor-background); }
  body {
    overscroll-behavior-x: none;
    background-color: transparent;
    color: var(--vscode-editor-foreground);
    font-family: var(--vscode-font-family);
    font-weight: var(--vscode-font-weight);
    font-size: var(--vscode-font-size);
    margin: 0;
    padding: 0 20px;
  }
  ::-webkit-scrollbar { width: 10px; height: 10px; }
  ::-webkit-scrollbar-corner { background-color: var(--vscode-editor-background); }
  ::-webkit-scrollbar-thumb { background-color: var(--vscode-scrollbarSlider-background); }
}`;

/** The page's bundle as it ships, and its sizes. */
export interface Bundle {
  readonly script: string;
  readonly style: string;
}

export async function bundlePage(
  name: "datagrams" | "statistics" | "values" = "datagrams",
): Promise<Bundle> {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { [name]: `extension/webview/${name}/main.ts` },
    outdir: "dist/webview",
    bundle: true,
    minify: true,
    write: false,
    platform: "browser",
    format: "iife",
    target: "chrome128",
    legalComments: "none",
  });
  const text = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  return { script: text(".js"), style: text(".css") };
}

export interface PageOptions extends FakeCapture {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: ThemeName;
  /** For the background: a side bar or an editor. */
  readonly inEditor?: boolean;
  readonly bodyClass?: string;
  readonly editorFontSize?: number;
}

/** Opens the page of datagrams as VS Code would, with a host of a fake capture. */
export async function openPage(
  browser: Browser,
  bundle: Bundle,
  options: PageOptions = {},
): Promise<Page> {
  const { datagrams, count, delay, isLive, daysAgo } = options;
  return openBundle(browser, bundle, options, (page) =>
    page.addInitScript(installFakeHost, {
      ...(datagrams && { datagrams }),
      ...(count !== undefined && { count }),
      ...(delay !== undefined && { delay }),
      ...(isLive !== undefined && { isLive }),
      ...(daysAgo !== undefined && { daysAgo }),
    }),
  );
}

export type FrameOptions = Omit<PageOptions, keyof FakeCapture>;

/** Opens any page as VS Code would: its styles and variables, the real content security policy; `prepare` gives it a host. */
export async function openBundle(
  browser: Browser,
  bundle: Bundle,
  options: FrameOptions,
  prepare: (page: Page) => Promise<unknown>,
): Promise<Page> {
  const { width = 330, height = 600, theme = "dark" } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    timezoneId: "UTC",
    locale: "en",
  });
  const page = await context.newPage();
  const files: Record<string, [string, string]> = {
    "/": ["text/html", html(options)],
    "/theme.css": ["text/css", themeStyles(theme, options)],
    "/page.css": ["text/css", bundle.style],
    "/page.js": ["text/javascript", bundle.script],
  };
  await page.route("**/*", async (route) => {
    const [contentType, body] = files[new URL(route.request().url()).pathname] ?? [];
    if (contentType === undefined || body === undefined) await route.abort();
    else await route.fulfill({ contentType, body });
  });
  await prepare(page);
  await page.goto(`${origin}/`);
  await page.waitForSelector("main");
  return page;
}

/** A picture for people to look at. */
export async function takePicture(page: Page, name: string): Promise<void> {
  await mkdir(pictures, { recursive: true });
  // Of a page that has drawn nothing yet at its size, as on a busy machine, there is none to be had.
  await page.evaluate(
    () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
  );
  await page.screenshot({ path: `${pictures}/webview-${name}.png` });
}

/** What the extension host serves, with VS Code's part of it. */
function html({ theme = "dark", bodyClass = "" }: FrameOptions): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${origin}; script-src 'nonce-${nonce}'">
<link rel="stylesheet" href="${origin}/theme.css">
<link rel="stylesheet" href="${origin}/page.css">
<title>UDP</title>
</head>
<body class="${themes[theme].bodyClass} ${bodyClass}"><script nonce="${nonce}" src="${origin}/page.js"></script></body>
</html>`;
}

function themeStyles(theme: ThemeName, { inEditor = false, editorFontSize }: FrameOptions): string {
  const variables: Record<string, string> = { ...themes[theme].variables };
  if (editorFontSize) variables["--vscode-editor-font-size"] = `${editorFontSize}px`;
  const background = inEditor ? "editor" : "sideBar";
  const lines = Object.entries(variables).map(([name, value]) => `${name}: ${value};`);
  return `:root { ${lines.join("\n")} background: var(--vscode-${background}-background); }
${defaultStyles}`;
}
