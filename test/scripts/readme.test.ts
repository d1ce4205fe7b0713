import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { USAGE as CLIENT } from "../../scripts/udp_client.ts";
import { USAGE as RELAY } from "../../scripts/udp_relay.ts";
import { USAGE as RUN } from "../../scripts/udp_run.ts";
import { USAGE as SERVER } from "../../scripts/udp_server.ts";

const README = readFileSync(join(import.meta.dirname, "../../scripts/README.md"), "utf8");

/** The options of a help text as rows of a table of scripts/README.md. */
function rowsOfHelp(usage: string): string[] {
  const entries = usage.matchAll(/^ {2}(--[\w-]+(?: [A-Z:/=]+)?) +(.*(?:\n {23,}.*)*)/gm);
  return Array.from(entries, ([, option, text = ""]) => {
    const words = text.replace(/\n\s+/g, " ");
    const [, usual = ""] = / \(default:? ([^)]*)\)/.exec(words) ?? [];
    const meaning = words.replace(/ \(default:? [^)]*\)/, "");
    return `| \`${option}\` | ${meaning} | ${usual} |`;
  });
}

function rowsOfReadme(script: string): string[] {
  const [, section = ""] = README.split(`## Options of ${script}\n`);
  return section.split(/^#/m)[0]?.match(/^\| `--.*$/gm) ?? [];
}

describe("the tables of options in scripts/README.md", () => {
  for (const [script, usage] of Object.entries({
    udp_server: SERVER,
    udp_client: CLIENT,
    udp_relay: RELAY,
    udp_run: RUN,
  })) {
    it(`say what ${script} --help says, and nothing else`, () => {
      const rows = rowsOfHelp(usage);
      assert.ok(rows.length > 9);
      assert.equal(rows.length, usage.match(/^ +--/gm)?.length);
      assert.deepEqual(rowsOfReadme(script), rows);
    });

    it(`${script} --help begins with the few options of the first lesson`, () => {
      const [lesson = ""] = usage.split("\nMore:\n");
      assert.equal(rowsOfHelp(lesson).length, 6);
    });
  }
});
