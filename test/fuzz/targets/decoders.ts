import assert from "node:assert/strict";
import { DECODERS } from "../../../extension/core/decode/decoder_names.ts";
import { decode, guessDecoder } from "../../../extension/core/decode/decoders.ts";
import { indentedJson } from "../../../extension/core/text/json_text.ts";
import {
  bestFormat,
  formatPayload,
  PAYLOAD_FORMATS,
  PAYLOAD_PROBLEMS,
  parsePayload,
} from "../../../extension/core/text/payload_format.ts";
import { checkResult } from "../../unit/support/decoding.ts";
import {
  COAP_MESSAGES,
  DNS_MESSAGES,
  NTP_MESSAGES,
  PROTOBUF_MESSAGES,
  RTP_MESSAGES,
  STUN_MESSAGES,
  SYSLOG_MESSAGES,
} from "../../unit/support/messages.ts";
import type { FuzzTarget } from "../target.ts";

const texts = [
  "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMX: 1\r\n\r\n",
  "api.requests:1|c|@0.1|#env:prod\nqueue:3.5|g",
  "/synth/1/freq\0\0\0,ifs\0\0\0\0\0\0\0\x01\x43\xdc\0\0text\0\0\0\0",
  "\x82\xa7compact\xc3\xa6schema\x93\x01\x02\xcb\x3f\xf0\0\0\0\0\0\0",
  "\xbf\x61a\x01\x61b\x9f\x02\xf9\x3e\x00\xff\xc1\x1a\x51\x4b\x67\xb0\xff",
].map((text) => Uint8Array.from(Buffer.from(text, "latin1")));

const jsons = [
  '{"a": [1, 2.50, -0e+1, "\\u00e9\\n"], "a": {"b": [], "c": {}}, "d": null}',
  "[[[[[[]]]]], true, [{}]]",
  ' {"t": "\u202e\u200b\u{1f600}"}\n',
].map((text) => new TextEncoder().encode(text));

const messages: readonly Uint8Array[] = [
  ...DNS_MESSAGES,
  ...COAP_MESSAGES,
  ...Object.values(STUN_MESSAGES),
  ...NTP_MESSAGES,
  ...PROTOBUF_MESSAGES,
  ...RTP_MESSAGES,
  ...SYSLOG_MESSAGES,
  ...texts,
  ...jsons,
];

const payloads = [
  "\\x00\\u{1f600}\\n\\\\",
  "0x41, 0x6c:6C 7",
  "TWljaGFlbA==",
  "-_+/",
  "Hello, Michael!\0\u202e\u{fffd}",
].map((text) => new TextEncoder().encode(text));

export const decoderTargets: readonly FuzzTarget[] = [
  { name: "decoders", seeds: messages.flatMap(withDecoders), check: checkDecoder },
  { name: "JSON texts", seeds: jsons, check: checkJson },
  { name: "payload formats", seeds: payloads, check: checkFormats },
];

/** The message behind the number of each decoder that takes it. */
function withDecoders(message: Uint8Array): Uint8Array[] {
  return DECODERS.flatMap(({ id }, index) =>
    "problem" in decode(id, message) ? [] : [Uint8Array.of(index, ...message)],
  );
}

/** A decoder, which the first byte chooses, says nothing of bytes that are not in the payload; nor does a guessed one. */
function checkDecoder(input: Uint8Array): void {
  const payload = input.subarray(1);
  const { id } = DECODERS[(input[0] ?? 0) % DECODERS.length] ?? assert.fail();
  checkResult(decode(id, payload), payload);
  const guessed = guessDecoder(payload, [53, 5683]);
  if (guessed) checkResult(decode(guessed, payload), payload);
}

/** The lines are the same JSON, and inert. */
function checkJson(payload: Uint8Array): void {
  const lines = indentedJson(payload);
  if (!lines) return;
  for (const line of lines) assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  assert.deepEqual(JSON.parse(lines.join("\n")), JSON.parse(new TextDecoder().decode(payload)));
}

/** What was written for a person to change is read as the same bytes; any text is bytes, or has a part that is wrong. */
function checkFormats(input: Uint8Array): void {
  for (const format of ["escape", "hex", "base64"] as const) {
    assert.deepEqual(parsePayload(formatPayload(input, format), format), { bytes: input });
  }
  const text = new TextDecoder().decode(input);
  const best = bestFormat(input);
  if (best === "text") assert.deepEqual(parsePayload(text, best).bytes, input);
  for (const format of PAYLOAD_FORMATS) {
    const { bytes, ...rest } = parsePayload(text, format);
    if (bytes) assert.ok(bytes.length <= input.length * 3, "bytes from nowhere");
    else assert.ok("problem" in rest && rest.problem.code in PAYLOAD_PROBLEMS);
  }
}
