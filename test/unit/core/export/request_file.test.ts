import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Asked,
  mockText,
  recordingText,
  requestsText,
} from "../../../../extension/core/export/request_file.ts";
import {
  type Context,
  type Expect,
  eachKnown,
  parseRequests,
  payloadOf,
  ruleFor,
  whyNot,
} from "../../../../scripts/udp_run.ts";

const TO = { address: "127.0.0.1", port: 5683 };
const FROM = { address: "127.0.0.1", port: 40_001 };
const CONTEXT: Context = { names: new Map(), seq: 1, folder: "." };

const bytes = (text: string) => Buffer.from(text, "latin1");
const asked = (request: string, ...answers: string[]): Asked => ({
  request: bytes(request),
  answers: answers.map(bytes),
});

/** What a file of requests sends, with what it expects of each answer. */
function read(text: string): { request: string; expects: Expect[] }[] {
  const file = parseRequests(text);
  assert.deepEqual(file.problems, [], text);
  const found: { request: string; expects: Expect[] }[] = [];
  eachKnown(file, new Map(), (_block, step, context) => {
    if (step.kind === "expect") found.at(-1)?.expects.push(step);
    if (step.kind !== "send") return;
    found.push({ request: payloadOf(step.payload, context).toString("latin1"), expects: [] });
  });
  return found;
}

const fits = ({ checks }: Expect, answer: Uint8Array) =>
  checks.every((check) => {
    return !whyNot(check, { payload: Buffer.from(answer), from: FROM, delayMs: 1 }, CONTEXT);
  });

/** What a mock answers; undefined where no rule is for it. */
function answersOf(text: string, request: Uint8Array): string[] | undefined {
  const file = parseRequests(text);
  assert.deepEqual(file.problems, [], text);
  const [serve] = file.blocks[0]?.steps ?? [];
  assert.ok(serve?.kind === "serve");
  const subject = { payload: Buffer.from(request), from: FROM };
  const found = ruleFor(serve, subject, CONTEXT);
  return found?.rule.replies.map(({ payload }) =>
    payloadOf(payload, found.context).toString("latin1"),
  );
}

/** Few letters, so that much is alike. */
const payload = fc
  .array(fc.constantFrom(0, 1, 0x61, 0x22, 0x5c, 0x7b, 0x0a, 0xff), { maxLength: 8 })
  .map((list) => Uint8Array.from(list));
const conversation = fc.array(
  fc.record({ request: payload, answers: fc.array(payload, { maxLength: 2 }) }),
  { minLength: 1, maxLength: 12 },
);

describe("a conversation, as a request file", () => {
  it("is text where it is that, bytes where it is not, and titled by what is asked", () => {
    const text = requestsText(
      [asked("get temp\n", "21.5"), asked("\x01\xff", "\x02{{"), asked("quiet")],
      TO,
    );
    assert.equal(
      text,
      `@device = 127.0.0.1:5683

### get temp\\n
SEND {{device}}
"get temp\\n"

EXPECT 1
bytes == "21.5"

### 01 ff
SEND {{device}}
hex 01 ff

EXPECT 1
bytes == hex 02 7b 7b

### quiet
SEND {{device}}
"quiet"

EXPECT 0 within 200ms
`,
    );
  });

  it("leaves open what differs between two answers of the same kind, but for what was asked", () => {
    const text = requestsText(
      [asked("\x01\x07get", "\x02\x07+21"), asked("\x01\x08get", "\x02\x08+22")],
      TO,
    );
    const checks = read(text).map(({ expects }) => expects[0]?.checks.map((check) => check.text));
    assert.deepEqual(checks, [
      ["length == 5", "bytes[0..4] == hex 02 07 2b 32"],
      ["length == 5", "bytes[0..4] == hex 02 08 2b 32"],
    ]);
  });

  it("has a name for each end that answered, where there were several", () => {
    const text = recordingText([
      { asked: [asked("a", "1")], to: TO },
      { asked: [asked("b"), asked("c")], to: { ...TO, port: 9 } },
    ]);
    assert.equal(
      text,
      `@device = 127.0.0.1:5683
@device_2 = 127.0.0.1:9

### a
SEND {{device}}
"a"

EXPECT 1
bytes == "1"

### b
SEND {{device_2}}
"b"

### c
SEND {{device_2}}
"c"
`,
    );
    assert.deepEqual(
      read(text).map(({ request }) => request),
      ["a", "b", "c"],
    );
  });

  it("asks each of its requests, and expects what was answered", () => {
    fc.assert(
      fc.property(conversation, (said) => {
        const found = read(requestsText(said, TO));
        const requests = said.map(({ request }) => Buffer.from(request).toString("latin1"));
        assert.deepEqual(
          found.map(({ request }) => request),
          [...new Set(requests)],
        );
        for (const { request, expects } of found) {
          const [answers = []] = said
            .filter((_, index) => requests[index] === request)
            .map((it) => it.answers);
          const of = expects.filter(({ max }) => max > 0);
          assert.equal(of.length, answers.length);
          for (const [index, expect] of of.entries())
            assert.ok(fits(expect, answers[index] ?? new Uint8Array()));
        }
      }),
    );
  });
});

describe("a conversation, as a mock", () => {
  it("answers with what was asked where the answers differ in nothing else", () => {
    const said = [asked("\x12\x34get a", "\x12\x34ok"), asked("\x56\x78get a", "\x56\x78ok")];
    const text = mockText(said, TO);
    assert.deepEqual(answersOf(text, bytes("\x9a\xbcget a")), ["\x9a\xbcok"]);
    assert.equal(answersOf(text, bytes("\x9a\xbcget b")), undefined);
  });

  it("keeps apart what is answered otherwise", () => {
    const text = mockText([asked("get a", "21.5"), asked("get b", "3.29")], TO);
    assert.deepEqual(answersOf(text, bytes("get a")), ["21.5"]);
    assert.deepEqual(answersOf(text, bytes("get b")), ["3.29"]);
    const said = [
      ...[asked("get a", "ok"), asked("get b", "ok")],
      ...[asked("get c", "unknown"), asked("get d", "unknown")],
    ];
    for (const { request, answers } of said) {
      assert.deepEqual(answersOf(mockText(said, TO), request), answers.map(String));
    }
  });

  it("answers each of its requests as it was answered", () => {
    fc.assert(
      fc.property(conversation, (said) => {
        const text = mockText(said, TO);
        const known = new Set<string>();
        for (const { request, answers } of said) {
          const name = Buffer.from(request).toString("latin1");
          if (known.has(name)) continue;
          known.add(name);
          assert.deepEqual(
            answersOf(text, request),
            answers.map((answer) => Buffer.from(answer).toString("latin1")),
          );
        }
      }),
    );
  });
});
