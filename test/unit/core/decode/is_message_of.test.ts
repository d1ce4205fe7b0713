import assert from "node:assert/strict";
import { encode as encodeMsgpack } from "@msgpack/msgpack";
import { encode as encodeCbor } from "cborg";
import fc from "fast-check";
import { DECODERS } from "../../../../extension/core/decode/decoder_names.ts";
import { decode, guessDecoder, isMessageOf } from "../../../../extension/core/decode/decoders.ts";
import { utf8 } from "../../support/decoding.ts";
import {
  COAP_MESSAGES,
  DNS_MESSAGES,
  NTP_MESSAGES,
  PROTOBUF_MESSAGES,
  RTP_MESSAGES,
  STUN_MESSAGES,
  SYSLOG_MESSAGES,
} from "../../support/messages.ts";

const MESSAGES: readonly Uint8Array[] = [
  ...COAP_MESSAGES,
  ...DNS_MESSAGES,
  ...NTP_MESSAGES,
  ...PROTOBUF_MESSAGES,
  ...RTP_MESSAGES,
  ...Object.values(STUN_MESSAGES),
  ...SYSLOG_MESSAGES,
  utf8("a.b:1|c|#x:y"),
  utf8('{"a": 1}'),
  utf8("M-SEARCH * HTTP/1.1\r\nST: ssdp:all\r\n\r\n"),
  utf8("/a\0\0,\0\0\0"),
  encodeMsgpack({ name: "Michael" }),
  encodeCbor({ name: "Michael" }),
];

describe("isMessageOf()", () => {
  it("is true of the protocol that a datagram is shown in, and of no other", () => {
    const whole = fc.constantFrom(...MESSAGES);
    const cut = fc.tuple(whole, fc.nat(60)).map(([bytes, end]) => bytes.subarray(0, end));
    const payloads = fc.oneof(whole, whole, cut, fc.uint8Array({ maxLength: 40 }));
    const port = fc.constantFrom(53, 123, 514, 1900, 3478, 5004, 5353, 5683, 8125, 57120, 9999);
    const seen = new Set<string>();
    fc.assert(
      fc.property(payloads, fc.tuple(port, port), (payload, ports) => {
        const shown = guessDecoder(payload, ports);
        const isShown = shown !== undefined && !("problem" in decode(shown, payload));
        for (const { id } of DECODERS) {
          const is = isMessageOf(id, payload, ports);
          assert.equal(is, isShown && shown === id, id);
          if (is) seen.add(id);
        }
      }),
      { numRuns: 3000 },
    );
    assert.equal(seen.size, DECODERS.length, [...seen].join());
  });

  it("looks into no payload that neither ports nor content speak for", () => {
    let reads = 0;
    const payload = new Proxy(DNS_MESSAGES[0] ?? assert.fail(), {
      get: (target, key) => {
        if (key !== "length") reads++;
        return Reflect.get(target, key, target) as unknown;
      },
    });
    for (const id of ["dns", "mdns", "coap", "ntp", "rtp"] as const) {
      assert.equal(isMessageOf(id, payload, [9999, 53211]), false);
    }
    assert.equal(reads, 0);
  });
});
