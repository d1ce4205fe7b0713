import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { cacheFolder, projectFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { entriesOf, loadedAtOnce } from "../support/packed_extension.ts";
import { Vscode } from "../support/vscode.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { runAnswering } from "./questions.ts";

const vsix = join(projectFolder, "udp-workbench.vsix");

/** Everything that is shipped, and nothing else: a package without its scripts or its tap looks fine until it runs. */
const SHIPPED = [
  "[Content_Types].xml",
  "extension.vsixmanifest",
  "extension/LICENSE.txt",
  "extension/THIRD_PARTY_LICENSES.md",
  "extension/changelog.md",
  "extension/dist/decoder_thread.cjs",
  "extension/dist/host/extension.js",
  "extension/dist/host/udp_run.js",
  "extension/dist/node_modules/udp-workbench/control_server.cjs",
  "extension/dist/node_modules/udp-workbench/socket_rules.cjs",
  "extension/dist/node_modules/udp-workbench/tap.cjs",
  "extension/dist/node_modules/udp-workbench/thread_tap.cjs",
  "extension/dist/python/sitecustomize.py",
  "extension/dist/python/udp_workbench_tap/__init__.py",
  "extension/dist/python/udp_workbench_tap/address.py",
  "extension/dist/python/udp_workbench_tap/bad_network.py",
  "extension/dist/python/udp_workbench_tap/blocks.py",
  "extension/dist/python/udp_workbench_tap/clock.py",
  "extension/dist/python/udp_workbench_tap/control.py",
  "extension/dist/python/udp_workbench_tap/control_actions.py",
  "extension/dist/python/udp_workbench_tap/control_message.py",
  "extension/dist/python/udp_workbench_tap/errors.py",
  "extension/dist/python/udp_workbench_tap/flusher.py",
  "extension/dist/python/udp_workbench_tap/frames.py",
  "extension/dist/python/udp_workbench_tap/hooks.py",
  "extension/dist/python/udp_workbench_tap/ip.py",
  "extension/dist/python/udp_workbench_tap/loading.py",
  "extension/dist/python/udp_workbench_tap/never_raises.py",
  "extension/dist/python/udp_workbench_tap/originals.py",
  "extension/dist/python/udp_workbench_tap/own_descriptor.py",
  "extension/dist/python/udp_workbench_tap/own_folder.py",
  "extension/dist/python/udp_workbench_tap/payload.py",
  "extension/dist/python/udp_workbench_tap/pcapng.py",
  "extension/dist/python/udp_workbench_tap/process_events.py",
  "extension/dist/python/udp_workbench_tap/program.py",
  "extension/dist/python/udp_workbench_tap/receiving.py",
  "extension/dist/python/udp_workbench_tap/recorder.py",
  "extension/dist/python/udp_workbench_tap/rules.py",
  "extension/dist/python/udp_workbench_tap/segments.py",
  "extension/dist/python/udp_workbench_tap/sending.py",
  "extension/dist/python/udp_workbench_tap/socket_rules.py",
  "extension/dist/python/udp_workbench_tap/tapped_socket.py",
  "extension/dist/python/udp_workbench_tap/waits.py",
  "extension/dist/scripts/udp_client.mjs",
  "extension/dist/scripts/udp_relay.mjs",
  "extension/dist/scripts/udp_server.mjs",
  "extension/dist/udp_sender.cjs",
  "extension/dist/webview/datagrams.css",
  "extension/dist/webview/datagrams.js",
  "extension/dist/webview/statistics.css",
  "extension/dist/webview/statistics.js",
  "extension/dist/webview/values.css",
  "extension/dist/webview/values.js",
  "extension/extension/l10n/bundle.l10n.zh-cn.json",
  "extension/extension/language/udp.code-snippets.json",
  "extension/extension/language/udp.language-configuration.json",
  "extension/extension/language/udp.tmLanguage.json",
  "extension/extension/media/icon.png",
  "extension/extension/media/ksy.schema.json",
  "extension/extension/media/udp.svg",
  "extension/extension/media/udp_dark.svg",
  "extension/extension/media/udp_light.svg",
  "extension/package.json",
  "extension/package.nls.json",
  "extension/package.nls.zh-cn.json",
  "extension/readme.md",
  "extension/scripts/udp_client.ts",
  "extension/scripts/udp_relay.ts",
  "extension/scripts/udp_run.ts",
  "extension/scripts/udp_server.ts",
];

/** What is loaded when it is first used, by the names of the modules; esbuild adds a hash. */
const ON_DEMAND = [
  "api_view",
  "attach_and_run_again",
  "attach_loader",
  "caller",
  "capture_document",
  "capture_from_command",
  "choose_definition",
  "clear",
  "close_socket",
  "compare",
  "compiler",
  "conversation_text",
  "conversation_view",
  "copy_as",
  "datagrams_html",
  "datagrams_page",
  "debug_environment",
  "decode_as",
  "decoded_field_names",
  "decoders",
  "definition_loop",
  "definitions",
  "describe",
  "edit_and_send",
  "env_files",
  "explain_losses",
  "explain_silence",
  "export_command",
  "field_sample",
  "field_search",
  "filter_completions",
  "find_crc",
  "folder_sweep",
  "follow",
  "followed_segment",
  "foreign_decoder",
  "kaitai",
  "linux",
  "macos",
  "named_definitions",
  "new_definition_from_struct",
  "next_lost",
  "obstacle_text",
  "open_capture",
  "open_in_wireshark",
  "payload_decoders",
  "payload_search",
  "process_facts",
  "protobuf",
  "refusals",
  "replay",
  "reply",
  "request_definitions",
  "request_features",
  "resend",
  "reveal_terminal",
  "run_file",
  "save_requests",
  "segment_trouble_text",
  "send",
  "sending",
  "series_csv",
  "set_rules",
  "settings_places",
  "show_definition",
  "show_other_processes",
  "show_statistics",
  "show_values",
  "sightings",
  "start_client",
  "start_relay",
  "start_server",
  "statistics_editor",
  "statistics_page",
  "stop",
  "stop_all_rules",
  "stop_captures",
  "terminals",
  "toggle_auto_attach",
  "tooltips",
  "udp_task",
  "values_editors",
  "watch_again",
  "watch_program",
  "windows",
];
const SMALL_PARTS = "small_parts";
/** A file of dist/host/ that is loaded on demand, or that several of those share. */
const HOST_PART = /^extension\/dist\/host\/(\w+)_[A-Z0-9]{8}\.js$/;

describe("the packaged extension", function () {
  this.timeout(300_000);

  before(() => assert.ok(existsSync(vsix), "Cannot test udp-workbench.vsix: run npm run package"));

  it("has all its files and no other", async () => {
    const names = [...(await entriesOf(vsix)).keys()].sort();
    assert.deepEqual(
      names.filter((name) => !HOST_PART.test(name)),
      SHIPPED,
    );
    const parts = names.flatMap((name) => HOST_PART.exec(name)?.[1] ?? []);
    const named = parts.filter((name) => name !== "chunk" && name !== SMALL_PARTS);
    assert.deepEqual(
      named.filter((name) => !ON_DEMAND.includes(name)),
      [],
    );
    // The others are small: they are one file.
    assert.ok(named.length > 20 && parts.includes(SMALL_PARTS), parts.join(" "));
  });

  it("keeps within its budgets", async () => {
    const entries = await entriesOf(vsix);
    const kib = (...names: string[]) =>
      names.reduce((sum, name) => {
        return sum + (entries.get(`extension/dist/${name}`)?.length ?? Infinity);
      }, 0) / 1024;
    // 700 KiB for what is ours, and 100 for the libraries of plots and Parquet.
    assert.ok((await stat(vsix)).size < 800 * 1024);
    // What an activation reads; the rest comes on demand.
    assert.ok(kib(...loadedAtOnce(entries)) < 150, `${kib(...loadedAtOnce(entries))}`);
    // Every program that is started in a terminal with auto attach reads the first of them.
    assert.ok(kib("node_modules/udp-workbench/tap.cjs") < 3);
    assert.ok(kib("node_modules/udp-workbench/thread_tap.cjs") < 30);
    assert.ok(kib("webview/datagrams.js", "webview/datagrams.css") < 90);
  });

  it("has scripts and a runner that run as they are packed, on Node.js without types, with names in their stack traces", async () => {
    const folder = await mkdtemp(join(tmpdir(), "udp-packed-"));
    try {
      const packed = /^extension\/(dist\/(host|scripts)\/|package\.json$)/;
      for (const [name, bytes] of await entriesOf(vsix)) {
        if (!packed.test(name)) continue;
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), bytes);
      }
      const port = await freeUdpPort();
      await writeFile(
        join(folder, "echo.udp"),
        `### asks\nSEND :${port}\n"x"\nEXPECT 1 within 20s\ntext == "x"\n### answers\nSERVE :${port}\nREPLY {{request}}\n`,
      );
      const built = (path: string, ...args: readonly string[]) =>
        promisify(execFile)(process.execPath, [join(folder, "extension/dist", path), ...args]);
      const { stdout } = await built("host/udp_run.js", join(folder, "echo.udp"));
      assert.match(stdout, /^2 passed, 0 failed, 0 disabled$/m);
      for (const [path, name] of [
        ["host/udp_run.js", "udp_run"],
        ["scripts/udp_client.mjs", "udp_client"],
        ["scripts/udp_relay.mjs", "udp_relay"],
        ["scripts/udp_server.mjs", "udp_server"],
      ] as const) {
        const help = await built(path, "--help");
        assert.match(help.stdout, new RegExp(`^Usage: ${name} .*\n\n[\\s\\S]*^ {2}--help +`, "m"));
        const source = await readFile(join(folder, "extension/dist", path), "utf8");
        if (path.startsWith("scripts/")) assert.match(source, /\bfunction readOptions\(/);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("has a page with its picture and with links that lead somewhere, in light and dark", async () => {
    const vscode = await Vscode.start({ vsix });
    try {
      const workbench = await vscode.openWorkbench();
      const asked = await servePictures(workbench.page);
      await workbench.runCommand("Extensions: Show Installed Extensions");
      await workbench.page.locator('.extension-list-item:has-text("UDP Workbench")').click();
      for (const theme of ["Light Modern", "Dark Modern"] as const) {
        await workbench.setTheme(theme);
        const page = await workbench.webviews.inside("Extension: UDP Workbench");
        const shown = await workbench.waitFor(
          `the extension's page in ${theme}`,
          () => page.evaluate(whatIsShown),
          ({ pictures }) => pictures.length === 1 && pictures.every((width) => width > 0),
        );
        assert.ok(shown.overflow <= 0, `${shown.overflow} pixels are cut off`);
        await workbench.screenshot(join(cacheFolder, `pictures/extension_page-${theme}.png`));
        assert.ok(shown.links.length > 8);
        for (const link of shown.links) assert.match(link, /^https:\/\/github\.com\//);
      }
      // It takes a <picture> for its <img>: the one for dark themes, which is no glare in light ones either.
      assert.deepEqual([...new Set(asked)], ["docs/images/lesson_dark.png"]);
    } finally {
      await vscode.close();
    }
  });

  it("runs the lesson where it is installed", async () => {
    const vscode = await Vscode.start({ vsix });
    try {
      const port = await freeUdpPort();
      const workbench = await vscode.openWorkbench();
      await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port)]);
      await workbench.terminals.showing(`Bind UDP on ${port}...`);
      await runAnswering(workbench, "UDP: Start Client...", [undefined, String(port)]);
      await workbench.terminals.showing("Hello, Sarah!");
      const rows = await (await DatagramsGrid.in(workbench)).waitForRows(6);
      assert.equal(rows.at(-1)?.Payload, "Hello, Sarah!");
    } finally {
      await vscode.close();
    }
  });
});

/**
 * Answers for the repository on GitHub with the files of this one: an extension's page has its pictures from there. Returns
 * the paths that were asked for, which grow.
 */
async function servePictures(page: Page): Promise<string[]> {
  const { homepage } = JSON.parse(await readFile(join(projectFolder, "package.json"), "utf8"));
  const base = `${homepage.replace(/#.*/, "")}/raw/HEAD/`;
  const asked: string[] = [];
  await page.context().route(`${base}**`, async (route) => {
    const path = route.request().url().slice(base.length);
    asked.push(path);
    await route.fulfill({ path: join(projectFolder, path) });
  });
  return asked;
}

/** Runs in the extension's page. */
function whatIsShown() {
  const { scrollWidth, clientWidth } = document.documentElement;
  return {
    pictures: Array.from(document.images, ({ naturalWidth }) => naturalWidth),
    // VS Code's own button back to the top is "#". It may keep where a link leads beside it, and open that itself.
    links: Array.from(
      document.querySelectorAll<HTMLElement>('a[href]:not([href="#"])'),
      (link) => link.dataset.href ?? link.getAttribute("href") ?? "",
    ),
    overflow: scrollWidth - clientWidth,
  };
}
