import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { commandTable, type Workbench } from "../../../extension/command_table.ts";
import { readPacket } from "../../../extension/core/files/packet/packet_reader.ts";
import { emptyRecord } from "../../../extension/core/files/packet/packet_record.ts";
import { DECODED_PROTOCOLS, FIELDS, PROTOCOLS } from "../../../extension/core/filter/fields.ts";
import { QUALIFIERS } from "../../../extension/core/filter/qualifiers.ts";
import type { CommandId } from "../../../extension/host/base/command.ts";
import {
  CLIENT_FLAGS,
  RELAY_FLAGS,
  SERVER_FLAGS,
} from "../../../extension/host/launch/script_options.ts";
import {
  anchorsOf,
  codesIn,
  markdownFiles,
  ROOT,
  readText,
  tableBelow,
  withoutCode,
} from "../support/markdown.ts";
import { standInForVscode } from "../support/vscode_stand_in.ts";

/** Links and pictures, in Markdown and in HTML. */
const LINKS = [/\]\(([^)\s]+)(?: "[^"]*")?\)/g, /\b(?:src|srcset|href)="([^"\s]+)"/g];

interface Link {
  readonly from: string;
  readonly target: string;
}

function links(): Link[] {
  return markdownFiles().flatMap((from) => {
    const text = withoutCode(readText(from));
    return LINKS.flatMap((pattern) =>
      Array.from(text.matchAll(pattern), ([, target = ""]) => ({ from, target })),
    );
  });
}

/** Files of this project by their address on GitHub: for pages that are shown elsewhere, and know no relative one. */
const ON_GITHUB = `${(JSON.parse(readText("package.json")) as { homepage: string }).homepage.replace(/#.*/, "")}/raw/HEAD/`;
const isOutside = ({ target }: Link) => /^[a-z]+:/.test(target) && !target.startsWith(ON_GITHUB);

describe("the documents", () => {
  const inside = links().filter((link) => !isOutside(link));

  it("link to files that are there", () => {
    assert.ok(inside.length > 10, `${inside.length}`);
    for (const { from, target } of inside) {
      const [path = ""] = target.split("#");
      const near = path === "" ? from : posix.join(posix.dirname(from), decodeURI(path));
      const file = path.startsWith(ON_GITHUB) ? path.slice(ON_GITHUB.length) : near;
      assert.ok(existsSync(join(ROOT, file)), `${from}: ${target}`);
    }
  });

  it("link to headings that are there", () => {
    for (const { from, target } of inside) {
      const [path, anchor] = target.split("#");
      if (anchor === undefined) continue;
      const file = path ? posix.join(posix.dirname(from), path) : from;
      assert.ok(anchorsOf(readText(file)).has(anchor), `${from}: ${target}`);
    }
  });

  it("can all be found from the README", () => {
    const found = new Set(["README.md"]);
    for (const file of found) {
      for (const { from, target } of inside) {
        const path = posix.join(posix.dirname(from), target.split("#")[0] ?? "");
        if (from === file && path.endsWith(".md")) found.add(path);
      }
    }
    const isRead = (file: string) => /^(docs|scripts)\//.test(file) || !file.includes("/");
    for (const file of markdownFiles().filter(isRead)) assert.ok(found.has(file), file);
  });
});

describe("the README", () => {
  // VS Code's page of an extension has no <source>, whatever its theme: there the dark one is less of a glare in the wrong one.
  const [, dark = ""] = /<img [^>]*src="([^"]+)"/.exec(readText("README.md")) ?? [];
  const [, light = ""] =
    /<source media="\(prefers-color-scheme: light\)" srcset="([^"]+)"/.exec(
      readText("README.md"),
    ) ?? [];

  it("is one screen and a picture", () => {
    assert.ok(readText("README.md").split("\n").length <= 60);
    assert.ok(light && dark);
  });

  it("has its picture in light and in dark, of the same size, and neither is heavy", () => {
    const [one, other] = [light.replace(ON_GITHUB, ""), dark].map((path) =>
      readFileSync(join(ROOT, path)),
    );
    assert.ok(one && other);
    for (const png of [one, other]) {
      assert.equal(png.toString("latin1", 1, 4), "PNG");
      assert.ok(png.length < 200 * 1024, `${png.length} bytes`);
    }
    // Width and height: the first fields of the first chunk (PNG section 11.2.2).
    assert.deepEqual(one.subarray(16, 24), other.subarray(16, 24));
    assert.notDeepEqual(one, other);
  });
});

describe("the change log", () => {
  const headings = readText("CHANGELOG.md").match(/^#{2,3} .*$|^- /gm) ?? [];

  it("has what is not released first, then each release with its day, the newest first", () => {
    const [first, ...releases] = headings.filter((line) => line.startsWith("## "));
    assert.equal(first, "## Unreleased");
    const days = releases.map((line) => /^## \d+\.\d+\.\d+ - (\d{4}-\d\d-\d\d)$/.exec(line)?.[1]);
    assert.ok(days.length > 0 && days.every(Boolean), releases.join(", "));
    assert.deepEqual(days, days.toSorted().reverse());
  });

  it("has each entry below the kind of change that it is", () => {
    const kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
    let kind = "";
    for (const line of headings) {
      if (line.startsWith("## ")) kind = "";
      else if (line.startsWith("### ")) kind = line.slice(4);
      assert.ok(!line.startsWith("#") || kind === "" || kinds.includes(kind), line);
      assert.ok(line !== "- " || kind !== "", "an entry below no kind of change");
    }
  });
});

describe("docs/decisions/", () => {
  const pages = markdownFiles().filter((file) => /^docs\/decisions\/(?!README)/.test(file));

  it("say in each page what was seen, what was decided, its price, and what would change it", () => {
    assert.ok(pages.length > 5);
    for (const page of pages) {
      const parts = [...readText(page).matchAll(/^\*\*(.+?)\.?\*\*/gm)].map(([, part]) => part);
      assert.deepEqual(parts, ["Seen", "Decided", "The price", "Think again"], page);
    }
  });

  it("are listed under their own titles", () => {
    const index = readText("docs/decisions/README.md");
    for (const page of pages) {
      const [, title] = /^# (.+)$/m.exec(readText(page)) ?? [];
      assert.ok(index.includes(`[${title}](${posix.basename(page)})`), page);
    }
  });
});

describe("docs/captures.md", () => {
  it("names each link type that is read, and no other", () => {
    const rows = tableBelow(readText("docs/captures.md"), "## Link types");
    const named = rows.flatMap(([, numbers = ""]) => [...numbers.matchAll(/\d+/g)].map(Number));
    // Of PKTAP, a header: what has none may be anything.
    const bytes = Uint8Array.of(40, 0, 0, 0, 1, ...new Array<number>(95).fill(0));
    const record = { ...emptyRecord(), bytes };
    const all = Array.from({ length: 0x1_0000 }, (_, type) => type);
    const read = all.filter((type) => readPacket(record, type, 0, 100, 100) !== "unknownLinkType");
    assert.deepEqual(
      named.sort((one, other) => one - other),
      read,
    );
  });
});

describe("docs/filters.md", () => {
  const text = readText("docs/filters.md");

  it("names each qualifier and each of its values", () => {
    const rows = tableBelow(text, "## Qualifiers");
    assert.deepEqual(
      rows.map(([name]) => name).sort(),
      Object.keys(QUALIFIERS)
        .map((name) => `\`${name}:\``)
        .sort(),
    );
    for (const [name, { choices = [] }] of Object.entries(QUALIFIERS)) {
      const row = rows.find(([first]) => first === `\`${name}:\``)?.join(" ") ?? "";
      for (const choice of choices) assert.ok(codesIn(row).includes(choice), `${name}:${choice}`);
    }
  });

  it("names each of Wireshark's fields that can be filtered by, and no other", () => {
    const named = tableBelow(text, "## Wireshark's spelling").flatMap(([names = ""]) =>
      codesIn(names),
    );
    assert.deepEqual(
      named.sort(),
      [...Object.keys(FIELDS), ...Object.keys(PROTOCOLS), ...DECODED_PROTOCOLS.keys()].sort(),
    );
  });
});

describe("docs/commands.md", () => {
  const table = commandTable({ sending: async () => ({}) } as unknown as Workbench);
  const rows = tableBelow(readText("docs/commands.md"), "# Commands").map((cells) => {
    const [names = "", , argument = ""] = cells;
    const [first = "", ...others] = codesIn(names);
    // `udpWorkbench.pause`, `.resume`; `udpWorkbench.copyAsText`, `Hex`
    const start = others[0]?.startsWith(".") ? "udpWorkbench" : first.replace(/[A-Z][a-z]+$/, "");
    return { commands: [first, ...others.map((other) => start + other)], argument };
  });

  it("names each command, and no other", () => {
    const named = rows.flatMap(({ commands }) => commands);
    assert.deepEqual(named.sort(), Object.keys(table).sort());
  });

  it("names the options of each command, and no other", async () => {
    standInForVscode();
    for (const { commands, argument } of rows) {
      const [object = ""] = codesIn(argument).filter((code) => code.startsWith("{"));
      const named = Array.from(object.matchAll(/\w+/g), ([name]) => name);
      for (const id of commands as CommandId[]) {
        const { options } = await table[id]();
        const ofScript = { ...SERVER_FLAGS, ...CLIENT_FLAGS, ...RELAY_FLAGS };
        const isOwn = (name: string) =>
          !argument.includes("any option of the script") || !Object.hasOwn(ofScript, name);
        assert.deepEqual(Object.keys(options).filter(isOwn).sort(), named.sort(), id);
      }
    }
  });
});
