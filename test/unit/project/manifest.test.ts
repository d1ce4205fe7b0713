import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { commandTable, type Workbench } from "../../../extension/command_table.ts";
import type { CommandId } from "../../../extension/host/base/command.ts";
import {
  CAPTURE_EDITOR,
  CONTEXT_KEYS,
  DATAGRAMS_EDITOR,
  EXTENSION,
  ROW_KEY,
  SETTINGS,
  TASK_TYPE,
  Views,
} from "../../../extension/host/base/ids.ts";
import {
  CLIENT_FLAGS,
  RELAY_FLAGS,
  SERVER_FLAGS,
} from "../../../extension/host/launch/script_options.ts";
import { USAGE as CLIENT_USAGE } from "../../../scripts/udp_client.ts";
import { USAGE as RELAY_USAGE } from "../../../scripts/udp_relay.ts";
import { USAGE as SERVER_USAGE } from "../../../scripts/udp_server.ts";
import { PROBLEM_SENTENCES } from "../support/problem_tables.ts";
import { standInForVscode } from "../support/vscode_stand_in.ts";

const root = new URL("../../../", import.meta.url);

async function json<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(new URL(path, root), "utf8")) as T;
}

interface Manifest {
  activationEvents: string[];
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  engines: { vscode: string };
  devDependencies: Record<string, string>;
  contributes: {
    commands: { command: string; category: string; title: string; enablement?: string }[];
    views: Record<string, { id: string }[]>;
    viewsWelcome: { view: string }[];
    menus: Record<string, { command?: string; submenu?: string; when?: string }[]>;
    submenus: { id: string; label: string }[];
    customEditors: { selector: { filenamePattern: string }[] }[];
    languages: { extensions: string[]; icon?: Record<"light" | "dark", string> }[];
    configuration: { properties: Record<string, { scope?: string; default: unknown }> };
    taskDefinitions: { type: string; properties: object }[];
    problemMatchers: { name: string; background: { endsPattern: string } }[];
  };
}

/** Their code is loaded only when they are run. */
const COMMANDS = Object.keys(commandTable({} as Workbench));

const sorted = (texts: Iterable<string>) => [...texts].sort();

describe("package.json", () => {
  let manifest: Manifest;
  let text: string;

  before(async () => {
    text = await readFile(new URL("package.json", root), "utf8");
    manifest = JSON.parse(text) as Manifest;
  });

  it("has every setting, and its default, in the table of docs/settings.md", async () => {
    const settings = await readFile(new URL("docs/settings.md", root), "utf8");
    const { properties } = manifest.contributes.configuration;
    const told = [...settings.matchAll(/^\| `(udpWorkbench\.\w+)` \| `?([^|`]*?)`? ?\| [A-Z]/gm)];
    assert.deepEqual(
      sorted(told.map(([, name, value]) => `${name} ${value}`)),
      // An empty list, or an empty object, has no text.
      sorted(
        Object.entries(properties).map(([name, { default: value }]) => {
          return `${name} ${typeof value === "object" ? "" : value}`;
        }),
      ),
    );
  });

  it("contributes exactly the commands, views, settings and task type that the code knows", () => {
    const { commands, views, configuration, taskDefinitions } = manifest.contributes;
    assert.deepEqual(sorted(commands.map(({ command }) => command)), sorted(COMMANDS));
    assert.deepEqual(sorted(Object.keys(views)), [EXTENSION]);
    assert.deepEqual(
      sorted(Object.values(views).flatMap((list) => list.map(({ id }) => id))),
      sorted(Object.values(Views)),
    );
    assert.deepEqual(
      sorted(Object.entries(configuration.properties).map(([name, it]) => `${name} ${it.default}`)),
      sorted(Object.entries(SETTINGS).map(([name, value]) => `${EXTENSION}.${name} ${value}`)),
    );
    assert.deepEqual(
      taskDefinitions.map(({ type }) => type),
      [TASK_TYPE],
    );
  });

  it("offers each option of the scripts to tasks, and no other", () => {
    const [definition] = manifest.contributes.taskDefinitions;
    const named = [SERVER_USAGE, CLIENT_USAGE, RELAY_USAGE].flatMap((usage) =>
      Array.from(usage.matchAll(/^ {2}--([\w-]+)/gm), ([, name]) => name ?? ""),
    );
    const offered = new Set(named.filter((name) => name !== "help"));
    assert.deepEqual(
      sorted(Object.keys(definition?.properties ?? {})),
      sorted([...offered, "program", "messages", "run"]),
    );
    const passedOn = [SERVER_FLAGS, CLIENT_FLAGS, RELAY_FLAGS].flatMap((flags) =>
      Object.keys(flags),
    );
    const ends = ["host", "port", "reply", "to", "listen"];
    assert.deepEqual(sorted(new Set([...passedOn, ...ends])), sorted(offered));
  });

  it("tells a launch configuration that a server is bound by what the server prints", () => {
    const [{ name = "", background } = {}] = manifest.contributes.problemMatchers;
    assert.equal(name, TASK_TYPE);
    const ends = new RegExp(background?.endsPattern ?? "(?!)");
    assert.match("Bind UDP on 9999...", ends);
    assert.match("Bind UDP on 9998, to 127.0.0.1:9999...", ends);
    assert.match('{"bound":{"address":"127.0.0.1","port":44707}}', ends);
    assert.doesNotMatch("Cannot bind 127.0.0.1:9999: address already in use (EADDRINUSE)", ends);
    assert.doesNotMatch("Received from 127.0.0.1:5: Bind UDP on 9999...", ends);
  });

  it("offers what starts a program only where the workspace is trusted", async () => {
    standInForVscode();
    const table = commandTable({ sending: async () => ({}) } as unknown as Workbench);
    for (const { command, enablement } of manifest.contributes.commands) {
      const { needsTrust = false } = await table[command as CommandId]();
      // To turn it off is no matter of trust.
      const isOffered = enablement !== "isWorkspaceTrusted" || /toggleAutoAttach/.test(command);
      assert.equal(needsTrust, !isOffered, command);
    }
  });

  it("has an icon for each kind of file that it has an editor for, in light and dark", async () => {
    const { customEditors, languages } = manifest.contributes;
    const opened = customEditors.flatMap(({ selector }) => selector);
    assert.ok(opened.length > 0);
    for (const { filenamePattern } of opened) {
      const end = filenamePattern.slice(1);
      const { icon } =
        languages.find(({ extensions }) => extensions.includes(end)) ?? assert.fail(end);
      for (const theme of ["light", "dark"] as const) {
        const path = icon?.[theme] ?? assert.fail(end);
        assert.match(await readFile(new URL(path, root), "utf8"), /^<svg/);
      }
    }
  });

  it("puts every command into the palette under UDP", () => {
    for (const { category } of manifest.contributes.commands) assert.equal(category, "UDP");
  });

  it("names only commands, views and context keys that exist in its menus", () => {
    const own: string[] = [
      ...COMMANDS,
      ...Object.values(Views),
      ...CONTEXT_KEYS,
      ROW_KEY,
      DATAGRAMS_EDITOR,
      CAPTURE_EDITOR,
      ...manifest.contributes.submenus.map(({ id }) => id),
    ];
    const menus = Object.values(manifest.contributes.menus).flat();
    const named = [...menus, ...manifest.contributes.viewsWelcome].flatMap(
      (entry) => JSON.stringify(entry).match(/udpWorkbench\.\w+/g) ?? [],
    );
    for (const name of named) assert.ok(own.includes(name), name);
  });

  it("lets no workspace choose the executable, nor fill the disk", () => {
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    for (const [name, { scope }] of Object.entries(manifest.contributes.configuration.properties)) {
      // What a workspace may say, it may say when it is trusted; but for what is data, and runs nothing.
      if (/^udpWorkbench\.(definitions|networkPresets|environments)$/.test(name)) continue;
      assert.equal(scope, restrictedConfigurations.includes(name) ? "window" : "machine", name);
    }
    // It loads our tap and nothing else, whoever turns it on.
    assert.deepEqual(restrictedConfigurations, ["udpWorkbench.autoAttach"]);
  });

  it("is checked against the API of the oldest VS Code that it names", () => {
    assert.equal(manifest.engines.vscode, `^${manifest.devDependencies["@types/vscode"]}`);
  });

  it("has each of its texts in each language, with the same placeholders, and no other", async () => {
    const used = sorted(new Set([...text.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key ?? "")));
    const files = (await readdir(root)).filter((name) => /^package\.nls.*\.json$/.test(name));
    assert.ok(files.includes("package.nls.zh-cn.json"));
    for (const file of files)
      assert.deepEqual(sorted(Object.keys(await json<object>(file))), used, file);
  });
});

describe("translations", () => {
  it("have every text of the code, with the same placeholders, and no other", async () => {
    const used = await usedTexts();
    assert.ok(used.length > 40);
    const folder = new URL("extension/l10n/", root);
    const bundles = (await readdir(folder)).filter((name) => /^bundle\.l10n\..+\.json$/.test(name));
    assert.ok(bundles.includes("bundle.l10n.zh-cn.json"));
    for (const bundle of bundles) {
      const texts = await json<Record<string, string>>(`extension/l10n/${bundle}`);
      assert.deepEqual(sorted(Object.keys(texts)), used, bundle);
      for (const [english, translated] of Object.entries(texts)) {
        assert.deepEqual(placeholders(translated), placeholders(english), english);
      }
    }
  });
});

/** Every literal that is given to `l10n.t()`. */
async function usedTexts(): Promise<string[]> {
  const folder = new URL("extension/", root);
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".ts"));
  // Why a file, a filter or a message is wrong is found out by core/, which knows no editor; the host has it translated.
  const texts = new Set(PROBLEM_SENTENCES);
  for (const name of names) {
    const source = await readFile(new URL(name, folder), "utf8");
    for (const [, literal] of source.matchAll(/\bt\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/g)) {
      texts.add(
        literal?.startsWith("'") ? literal.slice(1, -1) : (JSON.parse(literal ?? "") as string),
      );
    }
  }
  return sorted(texts);
}

function placeholders(text: string): string[] {
  return sorted(text.match(/\{\d\}/g) ?? []);
}
