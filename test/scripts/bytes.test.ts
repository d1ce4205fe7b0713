import assert from "node:assert/strict";
import fc from "fast-check";
import { printableBytes } from "../../extension/core/text/printable.ts";
import * as client from "../../scripts/udp_client.ts";
import * as server from "../../scripts/udp_server.ts";
import { onNode24 } from "../support/script_scenarios.ts";
import { Stranger } from "../support/script_socket.ts";

const payload = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
/** Bytes with much of what is dangerous on a terminal in them. */
const hostile = fc
  .array(
    fc.oneof(
      payload,
      fc.constantFrom(
        ..."\u0301|\u0334\u0489\u20dd|e\u0301\u0302|\x1b[2J|\x9b|\u202e|\u2066|\u200b|\ufeff|\u2028|\u{e0041}|\x7f|\r".split(
          "|",
        ),
      ),
      fc.string({ unit: "binary" }),
      fc.constant(Buffer.of(0xed, 0xa0, 0x80)), // a lone surrogate
    ),
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part))));
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

const FORMATS: Record<string, (bytes: Buffer) => string> = {
  hex: (bytes) => bytes.toString("hex"),
  base64: (bytes) => bytes.toString("base64"),
  escape: (bytes) => client.printable(bytes),
};

describe("bytes", function () {
  this.timeout(120_000);

  for (const [format, write] of Object.entries(FORMATS)) {
    it(`any are the same again after --format ${format}`, () => {
      fc.assert(
        fc.property(fc.oneof(payload, hostile), (bytes) => {
          assert.deepEqual(client.decode(Buffer.from(write(bytes)), format), bytes);
        }),
        { numRuns: 300 },
      );
    });

    it(`any arrive unchanged through --format ${format} and a socket`, async () => {
      const stranger = await Stranger.bind((data) => data);
      const sent = fc.sample(fc.oneof(payload, hostile), 60);
      const options = { input: `${sent.map(write).join("\n")}\n` };
      const args = ["--format", format, "--quiet", "-"];
      const { exitCode, stderr } = await onNode24().client(stranger.port, args, options);
      stranger.close();
      assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" });
      assert.deepEqual(
        stranger.received.map(({ data }) => data),
        sent,
      );
    });
  }

  it("are printed without anything that acts on a terminal, the same way by both scripts", () => {
    fc.assert(
      fc.property(hostile, (bytes) => {
        const text = client.printable(bytes);
        assert.doesNotMatch(text, UNSAFE);
        assert.equal(server.printable(bytes), text);
        assert.equal(printableBytes(bytes), text); // as the extension shows them
      }),
      { numRuns: 500 },
    );
  });

  it("are printed so by a server and a client that run", async () => {
    const scripts = onNode24();
    const running = await scripts.server(["--reply", "echo", "--verbose"]);
    const stranger = await Stranger.bind();
    for (const bytes of fc.sample(hostile, 60)) await stranger.ask(bytes, running.port);
    stranger.close();
    const input = `${fc.sample(hostile, 30).map(client.printable).join("\n")}\n`;
    const asked = await scripts.client(running.port, ["--format", "escape", "-"], { input });
    const { stdout } = await running.stop();
    assert.equal(stdout.match(/^Answered /gm)?.length, 90);
    for (const output of [stdout, asked.stdout]) {
      assert.doesNotMatch(output.replaceAll("\n", ""), UNSAFE);
    }
    assert.equal(asked.stdout.split("\n").length, 31);
  });

  it("of a language that is written from right to left do not turn our words around", async () => {
    const scripts = onNode24();
    const running = await scripts.server(["--reply", "upper"]);
    const hebrew = "\u05e9\u05dc\u05d5\u05dd 12";
    const { stdout } = await scripts.client(running.port, ["--verbose", hebrew]);
    assert.match(stdout, new RegExp(`^\u200e${hebrew}\u200e from 127`));
    const seen = await running.stop();
    assert.match(seen.stdout, new RegExp(`^\u200e${hebrew}\u200e from 127`, "m"));
    const wrong = await scripts.client(running.port, ["--format", "hex", hebrew]);
    assert.equal(wrong.stderr, `'\u200e${hebrew}\u200e' is not hex; see --help\n`);
  });

  it("are all in JSON, which is ASCII", async () => {
    const running = await onNode24().server(["--json", "--reply", "echo"]);
    const stranger = await Stranger.bind();
    const sent = fc.sample(hostile, 40);
    for (const bytes of sent) await stranger.ask(bytes, running.port);
    stranger.close();
    const { stdout } = await running.stop();
    assert.match(stdout, /^[\n -~]*$/);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const seen = lines.filter((line) => line["udp.dstport"] === running.port);
    assert.deepEqual(
      seen.map((line) => Buffer.from(line["data.data"], "hex")),
      sent,
    );
  });

  // Another well-known tool put other bytes on the wire for most of these.
  const typed: [format: string, message: string, bytes: string][] = [
    ["text", "é世", "c3a9e4b896"],
    ["escape", "é世", "c3a9e4b896"],
    ["escape", "A\\x41B", "414142"],
    ["hex", "0x41 0x42", "4142"],
    ["hex", "41:6c,69;0x63-65", "416c696365"],
    ["hex", "41 4", "4104"],
    ["hex", "41:42:43", "414243"],
    ["hex", "41,42", "4142"],
    ["hex", "41-42-43", "414243"],
    ["hex", "", ""],
    ["base64", "__8", "ffff"],
    ["base64", "//8=", "ffff"],
  ];
  for (const [format, message, bytes] of typed) {
    it(`'${message}' as ${format} is ${bytes || "nothing"}`, () => {
      assert.equal(client.decode(Buffer.from(message), format).toString("hex"), bytes);
    });
  }

  for (const [format, message] of [
    ["hex", "416c6"],
    ["hex", "zz"],
    ["escape", "\\q"],
    ["escape", "\\u{110000}"],
    ["escape", "\\u{d800}"],
    ["base64", "a"],
    ["base64", "a*b="],
  ] as const) {
    it(`'${message}' is not ${format}`, () => {
      assert.throws(() => client.decode(Buffer.from(message), format), /is not/);
    });
  }

  it("a person's line keeps nothing of what a terminal answered", () => {
    const answers = [
      "\x1b[?62;c",
      "\x1b[5;1R",
      "\x1b]52;c;eA==\x07",
      "\x1bP1$r0m\x1b\\",
      "\x9b0n",
      "\x1bOP",
    ];
    fc.assert(
      fc.property(fc.subarray(answers), fc.stringMatching(/^[a-z]{0,9}$/), (before, text) => {
        assert.equal(client.typed(before.join("") + text), text);
        assert.equal(server.typed(text + before.join("")), text);
      }),
    );
  });
});
