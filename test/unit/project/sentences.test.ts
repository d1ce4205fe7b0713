import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { type AnyNode, parse } from "acorn";
import { PROBLEM_SENTENCES } from "../support/problem_tables.ts";

const extension = new URL("../../../extension/", import.meta.url);

/** Where a person reads what we say. What taps and the sender say goes into files and to the host. */
const PLACES = ["core", "host", "webview"];

/** Four words in a row; what is put in counts as one. */
const SENTENCE = /[\w'{}]+(?:[,:;]? [\w'{}]+){3}/;
const WORDS = /[a-z']+ [a-z']+/i;

/** Sentences that are translated by whoever shows them. */
const TABLES = new Set(PROBLEM_SENTENCES);

/** Who takes a sentence that nobody sees in a view: the translation, the log, and a defect of ours, which goes there. */
const TAKERS = /^(?:(?:vscode\.l10n\.)?t|(?:.*\.)?#?log\.\w+|new RangeError)$/;
const TRANSLATION = /^(?:vscode\.l10n\.)?t$/;

/** What stays English, by file: it is said to somebody else than the person at the screen. */
const ENGLISH: Readonly<Record<string, RegExp>> = {
  // Comments of the capture files that the taps write.
  "core/wire/tap_identity.ts": /^(Recorded inside the program|send unfinished)/,
  "core/wire/rule_effect.ts": /by a rule/,
  // What is wrong with rules that a program gives, in the words of the relay's own; the command says it in a sentence.
  "core/wire/socket_rule.ts": /^(A rule|The rules of a socket)/,
  // A comment as a capture file could have it; shown in the editor's language.
  "core/capture/file_sink.ts": /^no time stamp in the file$/,
  "core/files/packet/packet_reader.ts": /^no length in the headers$/,
  // Programs that are copied, and the loader of auto attach.
  "core/export/sending_programs.ts": /./s,
  "host/attach/attach_loader.ts": /^\/\/ Auto attach/,
  // Diagrams that are copied, for whoever reads an issue.
  "core/export/ladder_mermaid.ts": /^(Note over|\s+Note over|dropped by a rule)/,
  "core/export/ladder_svg.ts": /^(<svg |\{\} more are left out)/,
  // Filters of Wireshark, commands.
  "core/export/follow_text.ts": /^\(\{\} eq /,
  "host/programs/capture_from_command.ts": /^ssh HOST /,
  // What the program says in its terminal, word for word.
  "host/launch/bind_failure.ts": /^Cannot bind \{\}: \{\} \(\{\}\)$/,
  // Names of RFC 7252; lists of names from RFC 5424; a name of RFC 6891.
  "core/decode/coap_registry.ts": /^Request Entity Too Large$/,
  "core/decode/syslog.ts": /^(kern|emergency) /,
  "core/decode/dns.ts": /^upper bits of rcode$/,
  // A comment in the file that is written.
  "core/cstruct/definition.ts": /^# \{\}: /,
  // What a compiler of .proto brings along.
  "core/protobuf/well_known.ts": /^message /,
  // Names and numbers of a catalogue.
  "core/payload/crc_catalogue.ts": /^\nCRC-8\/AUTOSAR /,
  // What is said to the author of another extension, who has called the API.
  "host/definitions/foreign_decoder.ts": /^(Cannot register|id|a decoder|name|module|ports) /,
  "host/definitions/decoder_thread.ts": /^(not loaded in|its thread has)/,
  // What goes to the log by way of somebody else.
  "host/capture/payload_search.ts": /^(Cannot search all|the last \{\} bytes)/,
  "host/datagrams/datagrams_page.ts": /^the message is none that it sends$/,
  "host/statistics/statistics_page.ts": /^the message is none that it sends$/,
  "host/values/values_page.ts": /^the message is none that it sends$/,
  // The head of a picture.
  "webview/values/plot_svg.ts": /^<svg /,
};

interface Found {
  readonly text: string;
  /** What it is handed to: a function, `new Class`, or the kind of code around it. */
  readonly taker: string;
}

/** Calls `found` with each node of a source, what it is handed to, and the code that they are nodes of. */
function forEachNode(source: string, found: (node: AnyNode, taker: string, code: string) => void) {
  const code = stripTypeScriptTypes(source);
  const visit = (node: unknown, taker: string): void => {
    if (Array.isArray(node)) for (const one of node) visit(one, taker);
    if (typeof node !== "object" || node === null || !("type" in node)) return;
    found(node as AnyNode, taker, code);
    const next = takerOf(node as AnyNode, code) ?? taker;
    for (const part of Object.values(node)) visit(part, next);
  };
  visit(parse(code, { ecmaVersion: "latest", sourceType: "module" }), "");
}

/** The sentences in a source, each with what it is handed to. */
function sentencesOf(source: string): Found[] {
  const found: Found[] = [];
  forEachNode(source, (node, taker) => {
    const text = textOf(node);
    if (text !== undefined && SENTENCE.test(text) && WORDS.test(text)) found.push({ text, taker });
  });
  return found;
}

/** What t() is handed in a source that is no text which stands there, nor one of a table. */
function unseenTexts(source: string): string[] {
  const found: string[] = [];
  forEachNode(source, (node, _taker, code) => {
    if (node.type !== "CallExpression" || !TRANSLATION.test(codeOf(node.callee, code))) return;
    const [text] = node.arguments;
    const given = text ? codeOf(text, code) : "";
    if (text?.type !== "Literal" && !/^[A-Z_]+_(?:PROBLEMS|DOCS)\[/.test(given)) found.push(given);
  });
  return found;
}

const codeOf = ({ start, end }: AnyNode, code: string) => code.slice(start, end);

function textOf(node: AnyNode): string | undefined {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type !== "TemplateLiteral") return undefined;
  return node.quasis.map(({ value }) => value.cooked).join("{}");
}

function takerOf(node: AnyNode, code: string): string | undefined {
  switch (node.type) {
    case "CallExpression":
      return codeOf(node.callee, code);
    case "NewExpression":
      return `new ${codeOf(node.callee, code)}`;
    // What is chosen or joined goes where the whole goes.
    case "ConditionalExpression":
    case "BinaryExpression":
    case "LogicalExpression":
    case "TemplateLiteral":
    case "TemplateElement":
      return undefined;
    default:
      return node.type;
  }
}

describe("sentences", () => {
  it("are found wherever they stand, but not where they are translated or logged", () => {
    const takers = (source: string) => sentencesOf(source).map(({ taker }) => taker);
    const isRefused = (source: string) => takers(source).some((taker) => !TAKERS.test(taker));
    const at = 5;
    for (const made of [
      `this.problem = "the file is not there";`,
      `fail(\`a block of \${${at}} bytes is \${${at}} too long\`);`,
      `remarks.push(isLost ? "nothing" : "the end of it is lost");`,
      `throw new HumanError("there is no such file, it seems");`,
      `const reasons = { lost: "the end of it is lost" };`,
      `t(reason); show("the end of it is lost");`,
      `vscode.l10n.t("Lost: {0}", why("the end of it is lost"));`,
    ])
      assert.equal(isRefused(made), true, made);
    for (const made of [
      `this.problem = captureProblem("packetLength", at, 5);`,
      `show(vscode.l10n.t("The end of {0} is lost.", name));`,
      `this.log.warn(\`Cannot read \${${at}} of the files\`);`,
      `throw new RangeError(\`Cannot find datagram \${${at}} of the capture\`);`,
    ])
      assert.equal(isRefused(made), false, made);
  });

  it("are found by whoever translates: t() is given the text itself", () => {
    assert.deepEqual(
      unseenTexts(`t("a"); vscode.l10n.t("a {0}", b); t(FILTER_PROBLEMS[code])`),
      [],
    );
    assert.deepEqual(unseenTexts(`t(a ? "b" : "c"); vscode.l10n.t(text); t("a" + b)`), [
      `a ? "b" : "c"`,
      "text",
      `"a" + b`,
    ]);
  });

  it("are made with t(), or stand in a table of problems whose texts are translated", async () => {
    const wrong: string[] = [];
    let tables = 0;
    const english = new Set<string>();
    for (const place of PLACES) {
      const folder = new URL(`${place}/`, extension);
      for (const name of await readdir(folder, { recursive: true })) {
        const file = `${place}/${name.replaceAll("\\", "/")}`;
        if (!file.endsWith(".ts") || file.endsWith(".d.ts")) continue;
        const source = await readFile(new URL(name, folder), "utf8");
        wrong.push(...unseenTexts(source).map((given) => `${file}: t(${given})`));
        for (const { text, taker } of sentencesOf(source)) {
          if (TABLES.has(text)) tables++;
          else if (ENGLISH[file]?.test(text)) english.add(file);
          else if (!TAKERS.test(taker)) wrong.push(`${file}: ${text}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(tables > 50, `${tables} in tables`);
    assert.deepEqual([...english].sort(), Object.keys(ENGLISH).sort());
  });
});
