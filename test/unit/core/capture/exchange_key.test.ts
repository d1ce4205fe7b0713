import assert from "node:assert/strict";
import { createRequire } from "node:module";
import fc from "fast-check";
import { exchangeKey, KEYED_PROTOCOLS } from "../../../../extension/core/capture/exchange_key.ts";

const require = createRequire(import.meta.url);
// Without types of their own.
const dns = require("dns-packet") as { encode(packet: object): Uint8Array };
const coap = require("coap-packet") as { generate(packet: object): Uint8Array };

describe("exchangeKey()", () => {
  it("is what a DNS query and its answer share", () => {
    const questions = [{ type: "A", name: "example.org" }];
    const query = (id: number) => dns.encode({ type: "query", id, questions });
    const answers = [{ type: "A", name: "example.org", data: "192.0.2.7" }];
    const answer = dns.encode({ type: "response", id: 7, questions, answers });
    assert.equal(exchangeKey("dns", answer), exchangeKey("dns", query(7)));
    assert.notEqual(exchangeKey("dns", answer), exchangeKey("dns", query(8)));
  });

  it("is the token of CoAP also where the answer comes in a message of its own, else the message id", () => {
    const message = (code: string, messageId: number, token = "") =>
      coap.generate({ code, messageId, token: Buffer.from(token), confirmable: true });
    const request = message("0.01", 1, "ab");
    assert.equal(exchangeKey("coap", message("2.05", 99, "ab")), exchangeKey("coap", request));
    assert.notEqual(exchangeKey("coap", message("2.05", 1, "cd")), exchangeKey("coap", request));
    assert.equal(exchangeKey("coap", message("2.05", 5)), exchangeKey("coap", message("0.01", 5)));
    assert.equal(exchangeKey("coap", message("0.00", 1)), undefined, "only acknowledges");
  });

  it("is STUN's transaction id, with the magic cookie before it", () => {
    // The headers of RFC 5769 sections 2.1 and 2.2.
    const id = [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];
    const request = Uint8Array.of(0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, ...id);
    const answer = Uint8Array.of(0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4, 0x42, ...id);
    assert.ok(exchangeKey("stun", request));
    assert.equal(exchangeKey("stun", answer), exchangeKey("stun", request));
    assert.equal(exchangeKey("stun", request.with(4, 0)), undefined);
  });

  it("is the time that an NTP client sent and is given back", () => {
    const time = [0xec, 0xb5, 1, 2, 3, 4, 5, 6];
    const request = new Uint8Array(48).with(0, 0x23);
    request.set(time, 40);
    const answer = new Uint8Array(48).with(0, 0x24);
    answer.set(time, 24);
    assert.equal(exchangeKey("ntp", answer), exchangeKey("ntp", request));
    assert.notEqual(exchangeKey("ntp", answer.with(24, 0)), exchangeKey("ntp", request));
  });

  /** Bytes that are all different, and no shorter than the smallest payload with a key. */
  const bytes = (first: readonly number[], length: number) =>
    Uint8Array.from({ length }, (_, at) => first[at] ?? at + 100);
  const cookie = [0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42];
  for (const [protocol, what, payload, from, to] of [
    ["dns", "query", bytes([], 12), 0, 2],
    ["coap", "message without a token", bytes([0x40, 0x01], 4), 2, 4],
    ["coap", "message with the shortest token", bytes([0x41, 0x01], 5), 4, 5],
    ["coap", "message with the longest token", bytes([0x48, 0x01], 12), 4, 12],
    ["stun", "message", bytes(cookie, 20), 8, 20],
    ["ntp", "request", bytes([0x23], 48), 40, 48],
    ["ntp", "answer", bytes([0x24], 48), 24, 32],
  ] as const) {
    it(`is made of bytes ${from} to ${to - 1} of a whole ${protocol} ${what}, and of nothing else`, () => {
      const key = exchangeKey(protocol, payload);
      assert.ok(key);
      assert.equal(exchangeKey(protocol, Uint8Array.of(...payload, 1)), key);
      for (const [at, byte] of payload.entries()) {
        assert.equal(exchangeKey(protocol, payload.subarray(0, at)), undefined);
        const other = exchangeKey(protocol, payload.with(at, byte ^ 0x80));
        if (at >= from && at < to) assert.ok(other && other !== key, `byte ${at}`);
        else assert.ok(other === key || other === undefined, `byte ${at}`);
      }
    });
  }

  it("is none of a token longer than the longest, nor of NTP that neither asks nor answers", () => {
    assert.equal(exchangeKey("coap", bytes([0x49, 0x01], 13)), undefined);
    assert.equal(exchangeKey("ntp", bytes([0x25], 48)), undefined);
  });

  it("takes any bytes, and makes no key of what is cut off", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (payload) => {
        for (const protocol of KEYED_PROTOCOLS) {
          const key = exchangeKey(protocol, payload);
          if (payload.length < 4) assert.equal(key, undefined);
        }
      }),
    );
  });
});
