import assert from "node:assert/strict";
import {
  formatGreeting,
  formatProven,
  formatReply,
  formatRequest,
  parseGreeting,
  parseProven,
  parseReply,
  parseRequest,
} from "../../../extension/core/wire/control_message.ts";
import { parsePageMessage } from "../../../extension/host/datagrams/page_message.ts";
import type { FromWebview } from "../../../extension/webview/datagrams/protocol.ts";
import type { FuzzTarget } from "../target.ts";

const AUTH = "0123456789abcdef".repeat(4);
const SOCKET = { socket: 1, local: "127.0.0.1:9999" };
const encode = (text: string) => new TextEncoder().encode(text);

const CLOSE = formatRequest({ do: "close", ...SOCKET });
const CONTROL = [
  formatGreeting(AUTH),
  CLOSE,
  formatRequest({ do: "send", ...SOCKET, address: "::1", port: 5000, payload: encode("Michael") }),
  formatProven({ auth: AUTH, body: CLOSE }),
  formatReply({ bytes: 5 }),
  formatReply({ error: "EMSGSIZE" }),
];

const PAGE: readonly FromWebview[] = [
  { type: "ready", filter: "port:9999" },
  { type: "ready" },
  { type: "askRows", first: 0, count: 100 },
  { type: "select", id: 7 },
  { type: "locate", id: 7 },
  { type: "filter", text: 'hello -"you"' },
  { type: "complete", request: 3, text: "port:", caret: 5 },
  {
    type: "selection",
    runs: [
      [0, 0],
      [5, 9],
      [11, 12],
    ],
  },
  { type: "askOverview", steps: 100 },
  { type: "cancel" },
  { type: "command", command: "reply", id: 1 },
  { type: "copy", text: "Hello" },
  { type: "copySelection" },
  { type: "used" },
  { type: "conversation", action: "hex" },
];

/** What asks for rows twice. */
const TWICE = [
  [
    [0, 5],
    [5, 9],
  ],
  [
    [3, 4],
    [0, 9],
  ],
].map((runs) => ({ type: "selection", runs }));

export const messageTargets: readonly FuzzTarget[] = [
  { name: "control messages", seeds: CONTROL.map(encode), check: checkControl },
  {
    name: "messages of a page",
    seeds: [...PAGE, ...TWICE].map((message) => encode(JSON.stringify(message))),
    check: checkPage,
  },
];

/** Whatever the text, it is no message, or one that is the same after it was written again. */
function checkControl(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  const request = parseRequest(text);
  if (request) {
    assert.deepEqual(parseRequest(formatRequest(request)), request);
    if (request.do === "send") {
      assert.ok(request.port >= 1 && request.port <= 0xffff);
      assert.ok(request.payload.length <= text.length / 2, "a payload from nowhere");
    }
  }
  const proven = parseProven(text);
  if (proven) assert.equal(formatProven(proven), text);
  const nonce = parseGreeting(text);
  if (nonce !== undefined) assert.equal(parseGreeting(formatGreeting(nonce)), nonce);
  const reply = parseReply(text);
  if (reply) assert.deepEqual(parseReply(formatReply(reply)), reply);
}

/** What is taken is in the message as it came, and asks for no more work than there are rows. */
function checkPage(input: Uint8Array): void {
  const text = new TextDecoder().decode(input);
  let received: unknown = text;
  try {
    received = JSON.parse(text);
  } catch {
    // A text is garbage, too.
  }
  const message = parsePageMessage(received);
  if (!message) return;
  assert.ok(PAGE.some(({ type }) => type === message.type));
  assert.deepEqual({ ...Object(received), ...message }, received);
  if (message.type !== "selection") return;
  let behind = 0;
  for (const [first, last] of message.runs) {
    assert.ok(Number.isInteger(first) && first >= behind && last >= first, "rows twice");
    behind = last + 1;
  }
}
