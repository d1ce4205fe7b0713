import assert from "node:assert/strict";
import { encode as encodeMsgpack } from "@msgpack/msgpack";
import { encode as encodeCbor } from "cborg";
import { DECODERS, type DecoderId } from "../../../../extension/core/decode/decoder_names.ts";
import { decode, guessDecoder } from "../../../../extension/core/decode/decoders.ts";
import { cpuMilliseconds } from "../../../support/cpu_time.ts";
import { bytesOf, seeded, utf8 } from "../../support/decoding.ts";
import {
  COAP_MESSAGES,
  DNS_MESSAGES,
  NTP_MESSAGES,
  PROTOBUF_MESSAGES,
  RTP_MESSAGES,
  STUN_MESSAGES,
  SYSLOG_MESSAGES,
} from "../../support/messages.ts";

const ELSEWHERE = [40_000, 9999];
const OBJECT = { name: "Michael", tags: ["a", "b"], n: 1.5 };

describe("guessDecoder()", () => {
  for (const [id, port, messages] of [
    ["dns", 53, DNS_MESSAGES],
    ["dns", 5355, DNS_MESSAGES],
    ["mdns", 5353, DNS_MESSAGES],
    ["coap", 5683, COAP_MESSAGES],
    ["ntp", 123, NTP_MESSAGES],
    ["stun", 3478, Object.values(STUN_MESSAGES)],
    ["syslog", 514, SYSLOG_MESSAGES],
    ["rtp", 5004, RTP_MESSAGES],
    ["statsd", 8125, [utf8("a:1|c")]],
  ] as const) {
    it(`knows ${id} by port ${port}, at either end`, () => {
      for (const message of messages) {
        assert.equal(guessDecoder(message, [40_000, port]), id);
        assert.equal(guessDecoder(message, [port, 40_000]), id);
      }
    });
  }

  for (const [id, payload] of [
    ["stun", STUN_MESSAGES.request],
    // Nothing but a header; and one with more than 256 bytes behind it.
    ["stun", bytesOf(`0001 0000 2112a442 ${"a5".repeat(12)}`)],
    ["stun", bytesOf(`0016 0158 2112a442 ${"a5".repeat(12)} 0013 0154 ${"5a".repeat(0x154)}`)],
    ["json", utf8(' {"a": 1}')],
    ["json", utf8("[1, 2]")],
    ["syslog", SYSLOG_MESSAGES[0]],
    ["statsd", utf8("a.b:1|c|#x:y")],
    ["ssdp", utf8("M-SEARCH * HTTP/1.1\r\nST: ssdp:all\r\n\r\n")],
    ["osc", utf8("/a\0\0,\0\0\0")],
    ["osc", utf8("/synth\0\0,ss\0ab\0\0cd\0\0")],
    ["msgpack", encodeMsgpack(OBJECT)],
    ["msgpack", encodeMsgpack([0, 1, "method", [OBJECT]])],
    ["msgpack", encodeMsgpack([1, "four"])],
    ["cbor", encodeCbor(OBJECT)],
    ["cbor", bytesOf("d9d9f7a16161f5")],
    ["protobuf", PROTOBUF_MESSAGES[0]],
    ["protobuf", PROTOBUF_MESSAGES[1]],
  ] as const) {
    it(`knows ${id} by its content: ${Buffer.from(payload ?? [])
      .toString("hex")
      .slice(0, 24)}`, () => {
      assert.equal(guessDecoder(payload ?? assert.fail(), ELSEWHERE), id);
    });
  }

  for (const text of [
    ...[
      "",
      "hello",
      "Hello, Michael!",
      "42",
      "true",
      '"text"',
      "/etc/hosts",
      "/cmd",
      "<b>hi</b>",
      "a:b|c",
    ],
    ...[
      "GET / HTTP/1.1\r\n\r\n",
      "name=value",
      "你好",
      "é",
      "a12345",
      "[not json]",
      "{",
      "-1",
      "time: 12:30|ok",
    ],
  ]) {
    it(`takes ${JSON.stringify(text)} for nothing`, () => {
      assert.equal(guessDecoder(utf8(text), ELSEWHERE), undefined);
    });
  }

  for (const [what, payload] of [
    ["STUN with something behind it", Buffer.concat([STUN_MESSAGES.request, Buffer.alloc(4)])],
    ["an empty map of MessagePack, or list of CBOR", bytesOf("80")],
    ["an empty map of CBOR", bytesOf("a0")],
    ["keys that are no words", bytesOf("8101a474657874")],
    ["keys of which one is no word", encodeMsgpack({ name: 1, "": 2 })],
    ["a list of short words", encodeMsgpack([1, "one", "two"])],
    ["numbers of Protocol Buffers without a word", bytesOf("0807 10ac02 1d0000ac41")],
    ["words of Protocol Buffers out of their order", bytesOf("12056e6f727468 0807")],
    ["two values", Buffer.concat([encodeMsgpack(OBJECT), encodeMsgpack(OBJECT)])],
  ] as const) {
    it(`takes ${what} for nothing`, () => {
      assert.equal(guessDecoder(payload, ELSEWHERE), undefined);
    });
  }

  it("takes what is at a well-known port for what it is, and else for what should be there", () => {
    assert.equal(guessDecoder(utf8('{"a":1}'), [53, 40_000]), "json");
    assert.equal(guessDecoder(utf8("hello"), [53, 40_000]), "dns");
    assert.equal(guessDecoder(new Uint8Array(), [53, 40_000]), undefined);
  });

  for (const [what, rate, payload] of [
    ["random bytes", 1e-4, randomBytes],
    [
      "bytes of one high bit",
      1e-4,
      (random: Random) => randomBytes(random).map((byte) => byte | 0x80),
    ],
    ["random text", 1e-4, randomText],
    ["random words", 1e-4, randomWords],
  ] as const) {
    it(`takes ${what} for something in less than one of ${1 / rate}`, () => {
      const random = seeded(what.length);
      const rounds = 20_000;
      const taken: string[] = [];
      for (let round = 0; round < rounds; round++) {
        const bytes = payload(random);
        const id = guessDecoder(bytes, ELSEWHERE);
        if (id) taken.push(`${id} ${Buffer.from(bytes).toString("hex")}`);
      }
      assert.ok(taken.length <= rounds * rate, `${taken.length}: ${taken.slice(0, 5).join(", ")}`);
    });
  }
});

describe("decode()", () => {
  it("has all decoders, and a name for each", () => {
    for (const { id, name } of DECODERS) {
      const result = decode(id, Uint8Array.of(0xff, 0xff));
      assert.equal(result.protocol, name, id);
    }
  });

  it("answers random bytes of every length within its time, whatever the decoder", () => {
    const random = seeded(1);
    for (const { id } of DECODERS) {
      for (const length of [0, 1, 2, 3, 4, 7, 8, 12, 48, 1400, 65_507]) {
        for (const fill of [undefined, 0, 0x20, 0x5b, 0x80, 0x81, 0x9f, 0xc0, 0xff]) {
          const bytes = Uint8Array.from({ length }, () => fill ?? random(256));
          check(id, bytes);
        }
      }
    }
  });

  function check(id: DecoderId, bytes: Uint8Array): void {
    const took = cpuMilliseconds(() => {
      decode(id, bytes);
      guessDecoder(bytes, []);
    });
    assert.ok(took < 2000, `${id} took ${took} ms for ${bytes.length} bytes of ${bytes[0]}`);
  }
});

type Random = (below: number) => number;

function randomBytes(random: Random): Uint8Array {
  return Uint8Array.from({ length: 1 + random(40) }, () => random(256));
}

function randomText(random: Random): Uint8Array {
  return Uint8Array.from({ length: 1 + random(40) }, () => 0x20 + random(0x5f));
}

function randomWords(random: Random): Uint8Array {
  const words = [
    "hello",
    "GET",
    "temp:",
    "21.5",
    "|",
    "/",
    "ok",
    "你好",
    ",",
    "#1",
    "<a>",
    "=",
    "\n",
  ];
  const text = Array.from({ length: 1 + random(8) }, () => words[random(words.length)]);
  return utf8(text.join(random(2) === 0 ? " " : ""));
}
