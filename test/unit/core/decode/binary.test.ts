import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import coap from "coap-packet";
import { encode as encodeOsc, Message } from "node-osc";
import { Client } from "ntp-time";
import * as oscMin from "osc-min";
import { packets } from "rtp.js";
import { bytesOf, decoded, lines, problem, shake, utf8, values } from "../../support/decoding.ts";
import {
  COAP_MESSAGES,
  NTP_MESSAGES,
  RTP_MESSAGES,
  STUN_MESSAGES,
} from "../../support/messages.ts";

describe("the decoder of CoAP", () => {
  it("reads what coap-packet writes", () => {
    const [request = assert.fail(), response = assert.fail(), reset = assert.fail()] =
      COAP_MESSAGES;
    const mine = decoded("coap", request);
    assert.equal(mine.summary, "CON 0.01 GET /sensors/temperature in the greenhouse?unit=C");
    assert.deepEqual(values(mine, "Observe"), ["0"]);
    assert.deepEqual(values(mine, "token"), ["abcd"]);
    assert.deepEqual(values(mine, "Accept"), ["application/json (50)"]);
    assert.match(values(mine, "option 2048")[0] ?? "", /^(07){256}… \(300 B\)$/);
    assert.equal(decoded("coap", response).summary, "ACK 2.05 Content");
    assert.deepEqual(values(decoded("coap", response), "Block2"), ["1/1/1024"]);
    assert.deepEqual(values(decoded("coap", response), "payload"), ['{"t":21.5}']);
    assert.deepEqual(values(decoded("coap", response), "Max-Age"), ["256"]);
    assert.equal(decoded("coap", reset).summary, "RST 0.00");
  });

  it("tells every part of a message", () => {
    const [, response = assert.fail()] = COAP_MESSAGES;
    assert.deepEqual(lines(decoded("coap", response)), [
      "0-1 version: 1",
      "0-1 type: ACK",
      "0-1 token length: 2",
      "1-2 code: 2.05 Content",
      "2-4 message ID: 0x1234",
      "4-6 token: abcd",
      "6-8 Content-Format: application/json (50)",
      "8-11 Max-Age: 256",
      "11-13 Block2: 1/1/1024",
      '14-24 payload: {"t":21.5}',
    ]);
  });

  it("agrees with coap-packet on the bytes of every option", () => {
    for (const message of COAP_MESSAGES) {
      const theirs = coap.parse(Buffer.from(message)).options;
      const mine = decoded("coap", message).fields.filter(({ name }) =>
        /^([A-Z]|option)/.test(name),
      );
      assert.equal(mine.length, theirs.length);
      for (const [index, { to }] of mine.entries()) {
        const { length } = theirs[index]?.value ?? assert.fail();
        assert.deepEqual(Buffer.from(message.slice(to - length, to)), theirs[index]?.value);
      }
    }
  });

  for (const [hex, expected] of [
    ["b161 0162 4163 0164", "CON 0.01 GET /a/b?c&d"],
    ["d102 78", "CON 0.01 GET ?x"],
    ["", "CON 0.01 GET"],
  ] as const) {
    it(`tells path and query of ${hex || "nothing"}`, () => {
      assert.equal(decoded("coap", bytesOf(`40010001 ${hex}`)).summary, expected);
    });
  }

  // RFC 7959 section 2.2: number, whether more follow, size; and integers of RFC 7252 section 3.2.
  for (const [hex, expected] of [
    ["d10a 06", "Block2: 0/0/1024"],
    ["d10a 08", "Block2: 0/1/16"],
    ["d30e 012345", "Block1: 4660/0/512"],
    ["60", "Observe: 0"],
    ["64 01020304", "Observe: 16909060"],
    ["65 0102030405", "Observe: 0102030405"],
    ["c1 2a", "Content-Format: application/octet-stream (42)"],
    ["d104 3c", "Accept: application/cbor (60)"],
    ["44 abcdef01", "ETag: abcdef01"],
  ] as const) {
    it(`reads ${expected}`, () => {
      const mine = lines(decoded("coap", bytesOf(`40010001 ${hex}`)));
      assert.deepEqual(mine.slice(5), [`4-${4 + bytesOf(hex).length} ${expected}`]);
    });
  }

  it("takes tokens of one to eight bytes", () => {
    for (let length = 1; length <= 8; length++) {
      const mine = decoded("coap", bytesOf(`4${length}010001 ${"ab".repeat(length)}`));
      assert.deepEqual(values(mine, "token"), ["ab".repeat(length)]);
    }
  });

  for (const [hex, expected] of [
    ["80010001", /version at byte 0 is 2; it has to be 1/],
    ["49010001", /token length at byte 0 is 9/],
    ["4200000161", /code at byte 1 is 0\.00/],
    ["42010001 61", /ends within token/],
    ["40010001 f0", /Byte 4 is 0xf0/],
    ["40010001 d1", /ends within option/],
    ["40010001 b5 61", /ends within Uri-Path, which starts at byte 4/],
    ["40010001 ff", /ends within payload/],
    ["4001", /ends within message ID/],
  ] as const) {
    it(`says what is wrong with ${hex}`, () => {
      assert.match(problem("coap", bytesOf(hex)), expected);
    });
  }

  it("takes ten thousand mutated messages", () => {
    shake("coap", COAP_MESSAGES);
  });
});

describe("the decoder of OSC", () => {
  /** The address, and an argument of every type that node-osc can write. */
  const message = (): Uint8Array => {
    const it = new Message("/oscillator/4/frequency", 440, 0.1, "text", true, false);
    it.append(Buffer.of(1, 2, 3, 4, 5));
    return Uint8Array.from(encodeOsc(it));
  };
  const bundle = (): Uint8Array => {
    const inner = { timetag: [0xe8f3c1d2, 0x8000_0000] as [number, number] };
    const first = { address: "/a", args: [{ type: "integer" as const, value: 1 }] };
    const second = { address: "/b", args: [{ type: "string" as const, value: "x" }] };
    const packed = oscMin.toBuffer({
      timetag: [0, 1],
      elements: [first, { ...inner, elements: [second] }],
    });
    return new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength);
  };

  it("reads what node-osc writes", () => {
    const mine = decoded("osc", message());
    assert.equal(mine.summary, '/oscillator/4/frequency 440 0.1 "text" true false 0102030405');
    assert.deepEqual(values(mine, "type tags"), [",ifsTFb"]);
  });

  it("reads bundles in bundles that osc-min writes", () => {
    const mine = decoded("osc", bundle());
    assert.equal(mine.summary, '#bundle /a 1, #bundle /b "x"');
    assert.deepEqual(values(mine, "time"), ["immediately"]);
    assert.deepEqual(values(mine, "element/time"), ["2023-11-06T19:49:38.500000000Z"]);
    assert.deepEqual(values(mine, "element/element/s"), ['"x"']);
  });

  it("reads the types that few have: 64 bits, lists, characters, nothing, colours", () => {
    const text = "/x\0\0,[hd[N]]cIr\0";
    const numbers = "fffffffffffffffe 4045000000000000 00000061 ff00ff80";
    const mine = decoded("osc", Uint8Array.of(...utf8(text), ...bytesOf(numbers)));
    assert.equal(mine.summary, "/x [-2 42.0 [nil]] 'a' infinitum #ff00ff80");
    assert.deepEqual(values(mine, "[]/[]/N"), ["nil"]);
  });

  it("tells every part of a bundle", () => {
    const packet = bytesOf(
      `${Buffer.from("#bundle\0").toString("hex")} e8f3c1d2 80000000` +
        `00000010 ${Buffer.from("/a\0\0,im\0").toString("hex")} 0000002a 90407f00` +
        `00000004 ${Buffer.from("/b\0\0").toString("hex")}`,
    );
    assert.deepEqual(lines(decoded("osc", packet)), [
      "0-8 bundle: #bundle",
      "8-16 time: 2023-11-06T19:49:38.500000000Z",
      "16-36 element: /a 42 90407f00",
      "20-24 element/address: /a",
      "24-28 element/type tags: ,im",
      "28-32 element/i: 42",
      "32-36 element/m: 90407f00",
      "36-44 element: /b",
      "40-44 element/address: /b",
    ]);
    assert.equal(decoded("osc", packet.slice(0, 16)).summary, "#bundle");
  });

  it("takes one to four NULs behind a text, and up to three behind a blob", () => {
    for (let length = 1; length <= 8; length++) {
      const address = `/${"x".repeat(length - 1)}`;
      const padded = address + "\0".repeat(4 - (length % 4));
      assert.equal(decoded("osc", utf8(`${padded},\0\0\0`)).summary, address);
      assert.match(problem("osc", utf8(`${padded}\0\0\0\0,\0\0\0`)), /type tags at byte/);
      const blob = Buffer.alloc(length, 0x5a);
      const message = Buffer.concat([
        utf8("/b\0\0,b\0\0\0\0\0"),
        Buffer.of(length),
        blob,
        Buffer.alloc(3 - ((length + 3) % 4)),
      ]);
      assert.equal(decoded("osc", message).summary, `/b ${blob.toString("hex")}`);
      // Whatever fills a blob up, and four bytes more than it needs.
      const filled = Buffer.from(message).fill(0x77, 12 + length);
      for (const lax of [filled, Buffer.concat([filled, Buffer.alloc(4)])]) {
        assert.equal(decoded("osc", lax).summary, `/b ${blob.toString("hex")}`);
      }
      const wrong = Buffer.concat([message, Buffer.from("wxyz")]);
      assert.match(problem("osc", wrong), new RegExp(`Byte ${message.length} is 77,`));
    }
  });

  for (const [text, expected] of [
    ["", /ends within address, which starts at byte 0/],
    ["/a\0\0,\0\0\0x", /Byte 8 is 78,/],
    ["#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\0", /ends within address, which starts at byte 20/],
    ["#bundle\0\0\0\0\0\0\0\0\x01\0", /ends within element, which starts at byte 16/],
    [`/a\0\0${"x".repeat(40)}\0\0\0\0`, /type tags at byte 4 is x{19}…; it has to be ,/],
    [`#${"x".repeat(40)}\0\0\0`, /bundle at byte 0 is #x{18}…; it has to be #bundle/],
    ["hello\0\0\0", /address at byte 0 is h; it has to be \//],
    ["/a\0\0,i\0\0", /ends within argument i/],
    ["/a\0\0,q\0\0", /Byte 5 is q/],
    ["/a\0\0,[\0\0", /Byte 6 is \\x00/],
    ["/a\0\0i\0\0\0", /type tags at byte 4 is i/],
    ["/a\0xy\0\0\0,\0\0\0", /Byte 3 is 78,/],
    ["/a\0\0,\0\0\0abcd", /Byte 8 is 61/],
    ["#bundlE\0", /bundle at byte 0 is #bundlE/],
    ["/abc", /ends within address/],
  ] as const) {
    it(`says what is wrong with ${JSON.stringify(text)}`, () => {
      assert.match(problem("osc", utf8(text)), expected);
    });
  }

  it("takes bundles in 64 bundles, and arrays in 64 arrays, and no more", () => {
    const bundles = (depth: number): Uint8Array => {
      if (depth === 0) return utf8("/a\0\0,\0\0\0");
      const inner = bundles(depth - 1);
      const size = inner.length.toString(16).padStart(8, "0");
      return Uint8Array.of(...utf8("#bundle\0"), ...bytesOf(`0000000000000001 ${size}`), ...inner);
    };
    decoded("osc", bundles(64));
    assert.match(problem("osc", bundles(65)), /nested deeper than 64 at byte 1300/);
    assert.match(problem("osc", bundles(500)), /nested deeper than 64/);
    const arrays = (depth: number) => {
      const tags = `,${"[".repeat(depth)}${"]".repeat(depth)}`;
      return utf8(`/a\0\0${tags}${"\0".repeat(4 - (tags.length % 4))}`);
    };
    decoded("osc", arrays(64));
    assert.match(problem("osc", arrays(65)), /nested deeper than 64/);
  });

  it("takes ten thousand mutated messages", () => {
    shake("osc", [message(), bundle()]);
  });
});

describe("the decoder of STUN", () => {
  it("finds every bit of method and class where RFC 8489 figure 3 has it", () => {
    const classes = ["request", "indication", "success", "error"];
    for (const method of [...Array.from({ length: 12 }, (_, bit) => 1 << bit), 0xfff]) {
      for (const [kind, name] of classes.entries()) {
        const bits = method.toString(2).padStart(12, "0");
        const [high, low] = kind.toString(2).padStart(2, "0");
        const type = `${bits.slice(0, 5)}${high}${bits.slice(5, 8)}${low}${bits.slice(8)}`;
        const first = Number.parseInt(type, 2).toString(16).padStart(4, "0");
        const { summary } = decoded("stun", bytesOf(head("0000").replace(/^..../, first)));
        const known = { 1: "Binding", 4: "Refresh", 8: "CreatePermission" }[method];
        assert.equal(summary, `${known ?? `method ${method}`} ${name}`);
      }
    }
  });

  for (const [hex, expected] of [
    ["0001 0008 0001 04d2 7f000001", "MAPPED-ADDRESS: 127.0.0.1:1234"],
    [`8023 0014 0002 04d2 ${"00".repeat(15)}01`, "ALTERNATE-SERVER: [::1]:1234"],
    ["000d 0004 00000258", "LIFETIME: 600"],
    ["000d 0008 0000000000000258", "LIFETIME: 0000000000000258"],
    ["0009 0004 00000401", "ERROR-CODE: 401"],
    ["0009 0004 00000663", "ERROR-CODE: 699"],
    ["000a 0004 00140015", "UNKNOWN-ATTRIBUTES: REALM (20) NONCE (21)"],
    ["0fff 0004 01020304", "attribute 0x0fff: 01020304"],
  ] as const) {
    it(`reads ${expected}`, () => {
      const length = bytesOf(hex).length.toString(16).padStart(4, "0");
      const mine = lines(decoded("stun", bytesOf(head(length) + hex)));
      assert.deepEqual(mine.slice(4), [`20-${20 + bytesOf(hex).length} ${expected}`]);
    });
  }

  it("reads messages of RFC 3489, which have no cookie and a longer transaction", () => {
    const transaction = "000102030405060708090a0b0c0d0e0f";
    for (const [type, summary] of [
      ["0001", "Binding request"],
      ["0101", "Binding success"],
      ["0111", "Binding error"],
    ]) {
      const bytes = bytesOf(`${type} 000c ${transaction} 0001 0008 0001 04d2 7f000001`);
      const mine = decoded("stun", bytes);
      assert.equal(mine.summary, summary);
      assert.deepEqual(lines(mine).slice(2), [
        `4-20 transaction ID: ${transaction}`,
        "20-32 MAPPED-ADDRESS: 127.0.0.1:1234",
      ]);
    }
  });

  it("tells what is behind a message", () => {
    const mine = lines(decoded("stun", bytesOf(`${head("0000")} ab`)));
    assert.deepEqual(mine.slice(4), ["20-21 left over: ab"]);
  });

  it("tells every part of a message", () => {
    assert.deepEqual(lines(decoded("stun", STUN_MESSAGES.request)), [
      "0-2 type: Binding request (0x0001)",
      "2-4 length: 88",
      "4-8 magic cookie: 0x2112a442",
      "8-20 transaction ID: b7e7a701bc34d686fa87dfae",
      "20-40 SOFTWARE: STUN test client",
      "40-48 PRIORITY: 1845494271",
      "48-60 ICE-CONTROLLED: 932ff9b151263b36",
      "60-76 USERNAME: evtj:h6vY",
      "76-100 MESSAGE-INTEGRITY: 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2",
      "100-108 FINGERPRINT: e57a3bcf",
    ]);
  });

  it("reads the test vectors of RFC 5769", () => {
    const request = decoded("stun", STUN_MESSAGES.request);
    assert.equal(request.summary, "Binding request, STUN test client");
    assert.deepEqual(values(request, "USERNAME"), ["evtj:h6vY"]);
    assert.deepEqual(values(request, "PRIORITY"), [String(0x6e0001ff)]);
    assert.equal(
      decoded("stun", STUN_MESSAGES.ipv4).summary,
      "Binding success, test vector, 192.0.2.1:32853",
    );
    assert.deepEqual(values(decoded("stun", STUN_MESSAGES.ipv6), "XOR-MAPPED-ADDRESS"), [
      "[2001:db8:1234:5678:11:2233:4455:6677]:32853",
    ]);
  });

  const head = (length: string) => `0111${length}2112a442${"00".repeat(12)}`;

  it("reads an error and what was not understood", () => {
    const mine = decoded(
      "stun",
      bytesOf(`${head("001c")} 0009000d 00000414 556e6b6e6f776e21 21000000 000a0004 00067fff`),
    );
    assert.equal(mine.summary, "Binding error, 420 Unknown!!");
    assert.deepEqual(values(mine, "UNKNOWN-ATTRIBUTES"), ["USERNAME (6) 32767"]);
  });

  for (const [hex, expected] of [
    ["8001", /type at byte 0 is 0x8001/],
    ["5000", /type at byte 0 is 0x5000; it has to be < 0x4000/],
    ["4000", /ends within length, which starts at byte 2/],
    ["00010004", /ends within magic cookie, which starts at byte 4\.$/],
    [`${head("0004")}`, /ends within attributes, which starts at byte 20/],
    [
      head("0000").replace("2112a442", "2112a443").replace("0111", "0113"),
      /magic cookie at byte 4 is 0x2112a443; it has to be 0x2112a442/,
    ],
    [`${head("0004")} 00060010`, /ends within USERNAME/],
    [`${head("0008")} 00200004 00010000`, /XOR-MAPPED-ADDRESS/],
    ["00", /ends within type/],
  ] as const) {
    it(`says what is wrong with ${hex.slice(0, 8)}${hex.slice(40)}`, () => {
      assert.match(problem("stun", bytesOf(hex)), expected);
    });
  }

  it("takes ten thousand mutated messages", () => {
    shake("stun", Object.values(STUN_MESSAGES));
  });
});

describe("the decoder of NTP", () => {
  it("reads what ntp-time asks", async () => {
    const server = createSocket("udp4").bind(0, "127.0.0.1");
    await once(server, "listening");
    const asked = once(server, "message") as Promise<[Buffer, { port: number }]>;
    const client = new Client("127.0.0.1", server.address().port, { timeout: 10_000 });
    const answered = client.syncTime();
    const [request, { port }] = await asked;
    const mine = decoded("ntp", request);
    assert.match(mine.summary, /^client, version \d, /);
    const [told = ""] = values(mine, "transmit");
    assert.ok(Math.abs(Date.parse(told) - Date.now()) < 60_000, told);
    server.send(
      Buffer.from(request.toString("hex").replace(/^../, "1c"), "hex"),
      port,
      "127.0.0.1",
    );
    await answered;
    server.close();
  });

  it("tells times, stratum and reference", () => {
    const [client = assert.fail(), server = assert.fail(), signed = assert.fail()] = NTP_MESSAGES;
    assert.equal(
      decoded("ntp", client).summary,
      "client, version 4, 2023-11-06T19:49:38.500000000Z",
    );
    const mine = decoded("ntp", server);
    assert.equal(mine.summary, "server, version 3, stratum 2, 2023-11-06T19:49:38.562500000Z");
    assert.deepEqual(values(mine, "reference ID"), ["192.0.2.1"]);
    assert.deepEqual(values(mine, "poll"), ["2^3 s"]);
    assert.deepEqual(values(mine, "precision"), ["2^-23 s"]);
    assert.deepEqual(values(mine, "root delay"), ["0.039474 s"]);
    assert.deepEqual(values(decoded("ntp", signed), "reference ID"), ["GPS"]);
    assert.deepEqual(values(decoded("ntp", signed), "key ID"), ["10"]);
  });

  it("tells every part of a packet", () => {
    const [, , signed = assert.fail()] = NTP_MESSAGES;
    assert.deepEqual(lines(decoded("ntp", signed)), [
      "0-1 leap: no warning (0)",
      "0-1 version: 4",
      "0-1 mode: server (4)",
      "1-2 stratum: primary (1)",
      "2-3 poll: 2^3 s",
      "3-4 precision: 2^-23 s",
      "4-8 root delay: 0 s",
      "8-12 root dispersion: 0.000244 s",
      "12-16 reference ID: GPS",
      "16-24 reference: 2023-11-06T19:49:36Z",
      "24-32 origin: 2023-11-06T19:49:38.500000000Z",
      "32-40 receive: 2023-11-06T19:49:38.562500000Z",
      "40-48 transmit: 2023-11-06T19:49:38.562500000Z",
      "48-52 key ID: 10",
      `52-68 digest: ${"5a".repeat(16)}`,
    ]);
  });

  // RFC 4330 section 3: bit 0 tells the eras apart; times from 1968 to 2104.
  for (const [hex, expected] of [
    ["80000000 00000000", "1968-01-20T03:14:08Z"],
    ["ffffffff ffffffff", "2036-02-07T06:28:15.999999999Z"],
    ["00000000 00000001", "2036-02-07T06:28:16Z"],
    ["00000001 00000000", "2036-02-07T06:28:17Z"],
    ["7fffffff 00000000", "2104-02-26T09:42:23Z"],
    ["00000000 00000000", "0"],
  ] as const) {
    it(`takes the time ${hex} for ${expected}`, () => {
      const mine = decoded("ntp", bytesOf(`23${"00".repeat(39)}${hex}`));
      assert.deepEqual(values(mine, "transmit"), [expected]);
      assert.equal(mine.summary, `client, version 4${expected === "0" ? "" : `, ${expected}`}`);
    });
  }

  // RFC 5905 figures 11 to 13: letters of a kiss code or a clock, then addresses.
  for (const [hex, expected] of [
    ["00 52415445", ["RATE", "RATE"]],
    ["00 00000000", ["", ""]],
    ["01 47505300", ["GPS", "stratum 1"]],
    ["01 4c4f434c", ["LOCL", "stratum 1"]],
    ["01 58000000", ["X", "stratum 1"]],
    ["01 00414243", ["\\x00ABC", "stratum 1"]],
    ["02 c0000201", ["192.0.2.1", "stratum 2"]],
    ["0f c0000201", ["192.0.2.1", "stratum 15"]],
    ["10 00000000", ["", "stratum 16"]],
  ] as const) {
    it(`takes stratum and reference ${hex} for ${expected.join(", ")}`, () => {
      const [stratum, reference] = hex.split(" ");
      const message = bytesOf(`24${stratum}${"00".repeat(10)}${reference}${"00".repeat(32)}`);
      const mine = decoded("ntp", message);
      assert.deepEqual(values(mine, "reference ID"), [expected[0]]);
      assert.equal(mine.summary, ["server, version 4", expected[1]].filter(Boolean).join(", "));
    });
  }

  it("tells seconds in 16 bits, and a fraction of one in 16, to the microsecond", () => {
    const message = `23000000 ffff8000 00000001 ${"00".repeat(36)}`;
    assert.deepEqual(lines(decoded("ntp", bytesOf(message))).slice(6, 8), [
      "4-8 root delay: 65535.5 s",
      "8-12 root dispersion: 0.000015 s",
    ]);
  });

  it("reads the versions 1 to 4", () => {
    for (const version of [1, 2, 3, 4]) {
      const first = ((version << 3) | 3).toString(16).padStart(2, "0");
      const { summary } = decoded("ntp", bytesOf(`${first}${"00".repeat(47)}`));
      assert.equal(summary, `client, version ${version}`);
    }
  });

  it("leaves control and private messages to ntpq, whatever their length", () => {
    assert.deepEqual(lines(decoded("ntp", bytesOf("16 0200"))).slice(2), [
      "0-1 mode: control (6)",
      "1-3 data: 0200",
    ]);
    assert.equal(decoded("ntp", bytesOf("17 02")).summary, "private, version 2");
    assert.match(problem("ntp", bytesOf("15 0200")), /ends within/);
  });

  // RFC 7822 section 3: what has up to 24 bytes is a code; behind it there may be extensions.
  for (const [hex, expected] of [
    ["0000000a", ["48-52 key ID: 10"]],
    ["00000a", ["48-51 digest: 00000a"]],
    [`0000000a ${"5a".repeat(20)}`, ["48-52 key ID: 10", `52-72 digest: ${"5a".repeat(20)}`]],
    [`0104001c ${"5a".repeat(24)}`, [`48-76 extension 0x0104: ${"5a".repeat(24)}`]],
    [
      `02040010 ${"5a".repeat(12)} 0000000a ${"a5".repeat(20)}`,
      [
        `48-64 extension 0x0204: ${"5a".repeat(12)}`,
        "64-68 key ID: 10",
        `68-88 digest: ${"a5".repeat(20)}`,
      ],
    ],
    [
      `00010010 ${"5a".repeat(12)} 0000000a ${"a5".repeat(5)}`,
      [
        `48-64 extension 0x0001: ${"5a".repeat(12)}`,
        "64-68 key ID: 10",
        `68-73 digest: ${"a5".repeat(5)}`,
      ],
    ],
  ] as const) {
    it(`reads ${hex.slice(0, 12)} of ${bytesOf(hex).length} bytes behind the header`, () => {
      const mine = lines(decoded("ntp", bytesOf(`23${"00".repeat(47)}${hex}`)));
      assert.deepEqual(mine.slice(13), expected);
    });
  }

  for (const [hex, expected] of [
    ["", /ends within mode/],
    ["03", /version at byte 0 is 0; it has to be 1 - 4/],
    ["2b", /version at byte 0 is 5/],
    [`23${"00".repeat(47)}${"00010012"}${"00".repeat(30)}`, /extension length at byte 50 is 18/],
    ["2300", /ends within poll/],
    [`23${"00".repeat(47)}${"0001000f"}${"00".repeat(30)}`, /extension length at byte 50 is 15/],
    [`23${"00".repeat(47)}${"00010100"}${"00".repeat(30)}`, /ends within extension/],
  ] as const) {
    it(`says what is wrong with ${hex.slice(0, 8) || "nothing"}${hex.slice(96, 104)}`, () => {
      assert.match(problem("ntp", bytesOf(hex)), expected);
    });
  }

  it("takes ten thousand mutated messages", () => {
    shake("ntp", NTP_MESSAGES);
  });
});

describe("the decoder of RTP", () => {
  it("reads what rtp.js writes", () => {
    const packet = new packets.RtpPacket();
    packet.setPayloadType(111);
    packet.setSequenceNumber(54_321);
    packet.setTimestamp(4_000_000_000);
    packet.setSsrc(0xdeadbeef);
    packet.setMarker(true);
    packet.setCsrcs([1, 0xffffffff]);
    packet.setPayload(new DataView(Uint8Array.of(1, 2, 3).buffer));
    packet.padTo4Bytes();
    const buffer = new ArrayBuffer(packet.getByteLength());
    packet.serialize(buffer, 0);
    const mine = decoded("rtp", new Uint8Array(buffer));
    assert.equal(mine.summary, "111, sequence 54321, timestamp 4000000000, SSRC 0xdeadbeef");
    assert.deepEqual(values(mine, "CSRC"), ["0x00000001", "0xffffffff"]);
    assert.deepEqual(values(mine, "marker"), ["1"]);
    assert.deepEqual(values(mine, "payload"), ["010203"]);
    assert.equal(values(mine, "padding bytes").length, 1);
  });

  it("tells every part of a header, and no part that is empty", () => {
    const unpadded = decoded("rtp", bytesOf("8101 0001 000000a0 01020304 0000000a d5"));
    assert.deepEqual(lines(unpadded), [
      "0-1 version: 2",
      "0-1 padding: 0",
      "0-1 extension: 0",
      "0-1 CSRC count: 1",
      "1-2 marker: 0",
      "1-2 payload type: 1",
      "2-4 sequence number: 1",
      "4-8 timestamp: 160",
      "8-12 SSRC: 0x01020304",
      "12-16 CSRC: 0x0000000a",
      "16-17 payload: d5",
    ]);
    const extended = decoded("rtp", bytesOf("b0e0 0001 000000a0 01020304 00010000 01"));
    assert.deepEqual(lines(extended).slice(4), [
      "1-2 marker: 1",
      "1-2 payload type: 96",
      "2-4 sequence number: 1",
      "4-8 timestamp: 160",
      "8-12 SSRC: 0x01020304",
      "12-16 header extension: 0x0001",
      "12-14 header extension/profile: 0x0001",
      "14-16 header extension/length: 0",
      "16-17 padding bytes: 01",
    ]);
  });

  it("leaves to RTCP what RFC 5761 leaves to it: 192 to 223", () => {
    const second = (byte: number) => bytesOf(`80${byte.toString(16)} 0001 000000a0 01020304`);
    for (const byte of [191, 224]) decoded("rtp", second(byte));
    for (const byte of [192, 223]) assert.match(problem("rtp", second(byte)), /RTCP/);
  });

  for (const [hex, expected] of [
    ["40000001000000a001020304", /version at byte 0 is 1; it has to be 2/],
    ["80c80001000000a001020304", /payload type at byte 1 is 200 \(RTCP\)/],
    ["82000001000000a00102030400000000", /ends within CSRC/],
    ["a0000001000000a001020304ff", /padding at byte 12 is 255/],
    ["a0000001000000a001020304", /padding/],
    ["90000001000000a001020304bede0002", /ends within data/],
    ["8000", /ends within sequence number/],
  ] as const) {
    it(`says what is wrong with ${hex}`, () => {
      assert.match(problem("rtp", bytesOf(hex)), expected);
    });
  }

  it("takes ten thousand mutated messages", () => {
    shake("rtp", RTP_MESSAGES);
  });
});
