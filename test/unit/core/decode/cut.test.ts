import assert from "node:assert/strict";
import type { DecodedField } from "../../../../extension/core/decode/decoded.ts";
import { DECODERS, type DecoderId } from "../../../../extension/core/decode/decoder_names.ts";
import { decode, isMessageOf } from "../../../../extension/core/decode/decoders.ts";
import {
  COAP_MESSAGES,
  DNS_MESSAGES,
  NTP_MESSAGES,
  PROTOBUF_MESSAGES,
  RTP_MESSAGES,
  STUN_MESSAGES,
} from "../../support/messages.ts";

const MESSAGES: readonly (readonly [DecoderId, readonly Uint8Array[]])[] = [
  ["dns", DNS_MESSAGES],
  ["mdns", DNS_MESSAGES],
  ["coap", COAP_MESSAGES],
  ["ntp", NTP_MESSAGES],
  ["protobuf", PROTOBUF_MESSAGES],
  ["rtp", RTP_MESSAGES],
  ["stun", Object.values(STUN_MESSAGES)],
];

/** Each field with its first byte and its value: padding behind the last may be missing. */
function lines(fields: readonly DecodedField[]): string[] {
  return fields.map(({ name, value, from }) => `${from} ${name} ${value}`);
}

describe("a datagram that was cut when it was captured", () => {
  for (const [id, messages] of MESSAGES) {
    it(`says as ${id} what its bytes say, and that the capture ends, not the payload`, () => {
      let told = 0;
      for (const message of messages) {
        const whole = decode(id, message);
        if ("problem" in whole) continue;
        for (let length = 1; length < message.length; length++) {
          const payload = message.subarray(0, length);
          const cut = decode(id, payload, true);
          if (!("problem" in cut)) continue;
          assert.doesNotMatch(cut.problem, /payload ends/);
          if (cut.code !== "captureEnds") continue;
          const fields = lines(cut.fields ?? []);
          assert.deepEqual(fields, lines(whole.fields).slice(0, fields.length));
          assert.ok((cut.fields ?? []).every(({ to }) => to <= length));
          told = Math.max(told, fields.length);
          const uncut = decode(id, payload);
          assert.ok("problem" in uncut && uncut.code === "endsWithin" && !uncut.fields);
        }
      }
      assert.ok(told > 1, `${told} fields at most`);
    });
  }

  it("is a message of the protocol of its port all the same", () => {
    const whole = DNS_MESSAGES[0] ?? assert.fail();
    const cut = whole.subarray(0, whole.length - 3);
    for (const [ports, isCut, expected] of [
      [[40_000, 53], true, true],
      [[40_000, 53], false, false],
      [[40_000, 9999], true, false],
    ] as const) {
      assert.equal(isMessageOf("dns", cut, ports, isCut), expected);
    }
    assert.equal(isMessageOf("ntp", Uint8Array.of(0xff, 1), [123, 9999], true), false);
  });

  it("has no fields of a datagram that was decoded before it", () => {
    assert.ok(!("problem" in decode("dns", DNS_MESSAGES[0] ?? assert.fail())));
    for (const { id } of DECODERS) {
      const result = decode(id, Uint8Array.of(0x5b), true);
      const fields = "problem" in result ? (result.fields ?? []) : [];
      assert.ok(
        fields.every(({ to }) => to <= 1),
        id,
      );
    }
  });
});
