import assert from "node:assert/strict";
import { createRequire } from "node:module";
import dns from "dns-packet";
import { bytesOf, decoded, lines, problem, shake, values } from "../../support/decoding.ts";
import { DNS_MESSAGES } from "../../support/messages.ts";

const require = createRequire(import.meta.url);
/** As far as it is used here; it brings no types. */
const { Packet } = require("dns2") as {
  Packet: {
    new (): Record<"header" | "questions" | "answers", unknown> & { toBuffer(): Buffer };
    TYPE: Record<string, number>;
    CLASS: { IN: number };
  };
};

const header = (counts: string) => `0001 8000 ${counts}`;

describe("the decoder of DNS", () => {
  it("says what is asked and answered", () => {
    const [query, response, compressed] = DNS_MESSAGES.map((it) => decoded("dns", it).summary);
    assert.equal(query, "query AAAA www.example.org");
    assert.match(response ?? "", /^response A www\.example\.org: a\.example\.org, 192\.0\.2\.1, /);
    assert.equal(compressed, "response MX example.org: 10 mail.example.org, 20 mail.example.org");
  });

  it("tells every part of a message", () => {
    const message = bytesOf(
      "0007 8180 0001 0001 0000 0001 0161 00 0001 0001" +
        "c00c 0001 0001 00000e10 0004 c0000201 00 0029 04d0 00000000 0000",
    );
    assert.deepEqual(lines(decoded("dns", message)), [
      "0-2 ID: 0x0007",
      "2-4 flags: 0x8180",
      "2-4 flags/response: 1",
      "2-4 flags/opcode: QUERY (0)",
      "2-4 flags/authoritative: 0",
      "2-4 flags/truncated: 0",
      "2-4 flags/recursion desired: 1",
      "2-4 flags/recursion available: 1",
      "2-4 flags/authentic data: 0",
      "2-4 flags/checking disabled: 0",
      "2-4 flags/rcode: NOERROR (0)",
      "4-6 question count: 1",
      "6-8 answer count: 1",
      "8-10 authority count: 0",
      "10-12 additional count: 1",
      "12-19 question: A a",
      "12-15 question/name: a",
      "15-17 question/type: A (1)",
      "17-19 question/class: IN (1)",
      "19-35 answer: A a 192.0.2.1",
      "19-21 answer/name: a",
      "21-23 answer/type: A (1)",
      "23-25 answer/class: IN (1)",
      "25-29 answer/TTL: 3600 s",
      "29-31 answer/length: 4",
      "31-35 answer/data: 192.0.2.1",
      "31-35 answer/data/address: 192.0.2.1",
      "35-46 additional: OPT .",
      "35-36 additional/name: .",
      "36-38 additional/type: OPT (41)",
      "38-40 additional/UDP payload size: 1232",
      "40-41 additional/upper bits of rcode: 0",
      "41-42 additional/version: 0",
      "42-44 additional/flags: 0x0000",
      "42-44 additional/flags/DNSSEC OK: 0",
      "44-46 additional/length: 0",
    ]);
  });

  it("has the values that dns-packet has", () => {
    const [, message = assert.fail()] = DNS_MESSAGES;
    const theirs = dns.decode(Buffer.from(message));
    const mine = decoded("dns", message);
    assert.equal(Number(values(mine, "ID")[0]), theirs.id);
    const all = [...(theirs.answers ?? []), ...(theirs.authorities ?? [])] as dns.BaseAnswer<
      string,
      unknown
    >[];
    const names = ["answer", "authority"].flatMap((section) => values(mine, `${section}/name`));
    assert.deepEqual(
      names,
      all.map(({ name }) => name),
    );
    const ttls = ["answer", "authority"].flatMap((section) => values(mine, `${section}/TTL`));
    assert.deepEqual(
      ttls,
      all.map(({ ttl = 0 }) => `${ttl} s`),
    );
    const texts = ["answer", "authority"].flatMap((section) => values(mine, `${section}/data`));
    assert.deepEqual(
      texts,
      all.map(({ data }) => dataText(data)),
    );
  });

  it("reads what dns2 writes", () => {
    const packet = new Packet();
    packet.header = { id: 0x1234, qr: 1, rd: 1, ra: 1, rcode: 3 };
    packet.questions = [{ name: "nowhere.example", type: Packet.TYPE.A, class: Packet.CLASS.IN }];
    packet.answers = [
      { name: "nowhere.example", type: Packet.TYPE.A, class: 1, ttl: 9, address: "192.0.2.7" },
    ];
    const mine = decoded("dns", packet.toBuffer());
    assert.equal(mine.summary, "response A nowhere.example: NXDOMAIN");
    assert.deepEqual(values(mine, "answer/data/address"), ["192.0.2.7"]);
  });

  for (const [type, data, expected] of [
    ["TXT", "03612e62 00", '"a.b" ""'],
    [
      "HTTPS",
      "0001 00 0001 0006 026832 026833 0003 0002 01bb 0004 0004 c0000201",
      "1 . alpn=h2,h3 port=443 ipv4hint=192.0.2.1",
    ],
    ["NSEC", "0162 00 0006 40010000 0003", "b A MX RRSIG NSEC"],
    ["DS", "1234 08 02 abcdef", "4660 8 2 abcdef"],
    [
      "RRSIG",
      "0001 08 02 00000e10 65000000 64000000 1234 00 ff",
      "A 8 2 3600 2023-09-12T06:06:56Z 2023-03-02T01:46:40Z 4660 . ff",
    ],
    ["CAA", "00 05 6973737565 63612e78", '0 "issue" "ca.x"'],
    ["TYPE65280", "0102", "\\# 2 0102"],
    ["A", "", ""],
    // Of the second window: 257 is bit 1 of it (RFC 4034 section 4.1.2).
    ["NSEC", "0162 00 0001 40 0101 40", "b A CAA"],
    [
      "SVCB",
      "0001 00 0003 0003 010203 0004 0008 c0000201c0000202",
      "1 . port=010203 ipv4hint=192.0.2.1,192.0.2.2",
    ],
    [
      "SVCB",
      "0001 00 0002 0000 0004 0003 c00002 0009 0001 ab",
      "1 . no-default-alpn ipv4hint=c00002 key9=ab",
    ],
    ["SVCB", "0001 00 0007 0010 2f646e732d71756572797b3f646e737d", "1 . dohpath=/dns-query{?dns}"],
    ["NSEC3", "01 00 000a 00 021234 000140", "1 0 10 1234 A"],
  ] as const) {
    it(`reads the data of ${type}: ${data}`, () => {
      const number = typeNumber(type).toString(16).padStart(4, "0");
      const bytes = bytesOf(data);
      const length = bytes.length.toString(16).padStart(4, "0");
      const record = `0161 00 ${number} 0001 00000000 ${length} ${data}`;
      const mine = decoded("dns", bytesOf(`${header("0000000100000000")} ${record}`));
      assert.equal(values(mine, "answer")[0], `${type} a ${expected}`.trimEnd());
    });
  }

  it("reads the data of each type that RFCs describe", () => {
    const names = "0162 00 0163 00";
    const key = ["0101 03 0d abcd", "257 3 13 abcd"] as const;
    const digest = ["1234 08 02 abcd", "4660 8 2 abcd"] as const;
    const association = ["03 01 02 abcd", "3 1 2 abcd"] as const;
    for (const [number, type, data, expected] of [
      [1, "A", "c0000201", "192.0.2.1"],
      [2, "NS", "0162 00", "b"],
      [5, "CNAME", "0162 00", "b"],
      [6, "SOA", `${names} 00000001 00000002 00000003 00000004 00000005`, "b c 1 2 3 4 5"],
      [12, "PTR", "0162 00", "b"],
      [13, "HINFO", "0141 0142", '"A" "B"'],
      [15, "MX", "000a 0162 00", "10 b"],
      [17, "RP", names, "b c"],
      [18, "AFSDB", "0001 0162 00", "1 b"],
      [25, "KEY", ...key],
      [28, "AAAA", `20010db8 ${"00".repeat(11)} 01`, "2001:db8::1"],
      [33, "SRV", "0001 0002 0035 0162 00", "1 2 53 b"],
      [35, "NAPTR", "0001 0002 0175 03453255 0121 00", '1 2 "u" "E2U" "!" .'],
      [39, "DNAME", "0162 00", "b"],
      [44, "SSHFP", "04 02 abcd", "4 2 abcd"],
      [48, "DNSKEY", ...key],
      [50, "NSEC3", "01 00 000a 02abcd 021234 000140", "1 0 10 abcd 1234 A"],
      [51, "NSEC3PARAM", "01 00 000a 02abcd", "1 0 10 abcd"],
      [52, "TLSA", ...association],
      [53, "SMIMEA", ...association],
      [59, "CDS", ...digest],
      [60, "CDNSKEY", ...key],
      [61, "OPENPGPKEY", "abcd", "abcd"],
      [64, "SVCB", `0001 00 0006 0010 20010db8 ${"00".repeat(11)} 01`, "1 . ipv6hint=2001:db8::1"],
      [99, "SPF", "0161", '"a"'],
      [256, "URI", "0001 0002 6162", '1 2 "ab"'],
    ] as const) {
      const length = bytesOf(data).length.toString(16).padStart(4, "0");
      const record = `0161 00 ${number.toString(16).padStart(4, "0")} 0001 00000000 ${length} ${data}`;
      const mine = decoded("dns", bytesOf(`${header("0000000100000000")} ${record}`));
      assert.deepEqual(values(mine, "answer"), [`${type} a ${expected}`]);
      assert.deepEqual(values(mine, "answer/data/left over"), [], type);
    }
  });

  it("tells what is behind the data of a record, and behind a message", () => {
    const record = "00 0001 0001 00000000 0005 c0000201 ab";
    const mine = lines(decoded("dns", bytesOf(`${header("0000000100000000")} ${record} ff`)));
    assert.deepEqual(mine.slice(-4), [
      "23-28 answer/data: 192.0.2.1 ab",
      "23-27 answer/data/address: 192.0.2.1",
      "27-28 answer/data/left over: ab",
      "28-29 left over: ff",
    ]);
  });

  // Each part of the data with its bytes, which start at byte 25.
  for (const [type, data, expected] of [
    [13, "0341 5043 0255 58", ["25-29 CPU: APC", "29-32 OS: UX"]],
    [16, "0161 00", ["25-27 text: a", "27-28 text: "]],
    [
      24,
      `0001 08 02 00000e10 65000000 64000000 1234 00 ff`,
      [
        ...["25-27 type covered: A", "27-28 algorithm: 8", "28-29 labels: 2"],
        ...["29-33 original TTL: 3600", "33-37 expiration: 2023-09-12T06:06:56Z"],
        ...["37-41 inception: 2023-03-02T01:46:40Z", "41-43 key tag: 4660"],
        ...["43-44 signer: .", "44-45 signature: ff"],
      ],
    ],
    [
      47,
      "0162 00 0001 80 0101 ff",
      [
        "25-28 next name: b",
        "28-34 types: TYPE0 URI CAA TYPE258 TYPE259 TYPE260 TYPE261 TYPE262 TYPE263",
      ],
    ],
    [
      50,
      "01 00 000a 02abcd 021234 000140",
      [
        ...["25-26 hash algorithm: 1", "26-27 flags: 0", "27-29 iterations: 10"],
        ...["29-32 salt: abcd", "32-35 next hashed name: 1234", "35-38 types: A"],
      ],
    ],
    [
      64,
      "0001 00 0003 0002 01bb 0005 0010 20010db8 0000000000000000 00000001",
      [
        "25-27 priority: 1",
        "27-28 target: .",
        "28-34 port: 443",
        "34-54 ech: 20010db8000000000000000000000001",
      ],
    ],
    [65_280, "01", ["25-26 data: 01"]],
  ] as const) {
    it(`knows the bytes of the parts of type ${type}: ${data}`, () => {
      const length = bytesOf(data).length.toString(16).padStart(4, "0");
      const record = `0161 00 ${type.toString(16).padStart(4, "0")} 0001 00000000 ${length} ${data}`;
      const mine = lines(decoded("dns", bytesOf(`${header("0000000100000000")} ${record}`)));
      const parts = mine.filter((line) => line.includes(" answer/data/"));
      assert.deepEqual(
        parts,
        expected.map((line) => line.replace(" ", " answer/data/")),
      );
    });
  }

  it("tells options of EDNS, and the text of an error", () => {
    const options = "000a 0002 abcd 000f 0006 0112 78797a20 000f 0002 0012 000f 0001 1f ffff 0000";
    const length = bytesOf(options).length.toString(16).padStart(4, "0");
    const message = bytesOf(
      `${header("0000000000000001")} 00 0029 04d0 0000 0001 ${length} ${options}`,
    );
    const mine = lines(decoded("dns", message));
    assert.deepEqual(mine.slice(-9), [
      "19-21 additional/flags: 0x0001",
      "19-21 additional/flags/DNSSEC OK: 0",
      "21-23 additional/length: 31",
      "23-54 additional/data: COOKIE (10) EXTENDED-ERROR (15) EXTENDED-ERROR (15) EXTENDED-ERROR (15) 65535",
      "23-29 additional/data/COOKIE (10): abcd",
      "29-39 additional/data/EXTENDED-ERROR (15): 274 xyz",
      "39-45 additional/data/EXTENDED-ERROR (15): 18",
      "45-50 additional/data/EXTENDED-ERROR (15): 1f",
      "50-54 additional/data/65535: ",
    ]);
  });

  // RFC 6891 section 6.1.3: the upper eight of twelve bits are in OPT.
  for (const [upper, lower, expected] of [
    ["00", 0, "response"],
    ["00", 3, "response: NXDOMAIN"],
    ["01", 0, "response: BADVERS"],
    ["01", 7, "response: BADCOOKIE"],
    ["80", 15, "response: rcode 2063"],
  ] as const) {
    it(`takes ${upper} and ${lower} for "${expected}"`, () => {
      const opt = `00 0029 04d0 ${upper} 00 0000 0000`;
      const message = bytesOf(`0001 800${lower.toString(16)} 0000000000000001 ${opt}`);
      assert.equal(decoded("dns", message).summary, expected);
    });
  }

  for (const [flags, expected] of [
    ["0000", "query"],
    ["0001", "query: FORMERR"],
    ["2400", "NOTIFY query"],
    ["a400", "NOTIFY response"],
    ["2800", "UPDATE query"],
    ["f801", "opcode 15 response: FORMERR"],
  ] as const) {
    it(`takes the flags ${flags} for "${expected}"`, () => {
      assert.equal(decoded("dns", bytesOf(`0001 ${flags} 0000000000000000`)).summary, expected);
    });
  }

  it("tells five questions, and how many more there are", () => {
    const asked = (count: number) =>
      decoded("dns", bytesOf(`0001 0000 000${count} 000000000000 ${"00 0001 0001".repeat(count)}`));
    assert.equal(asked(5).summary, "query A ., A ., A ., A ., A .");
    assert.equal(asked(7).summary, "query A ., A ., A ., A ., A ., +2");
  });

  it("tells an answer without data by its type", () => {
    const message = bytesOf(`${header("0000000100000000")} 00 0001 00ff 00000000 0000`);
    assert.equal(decoded("dns", message).summary, "response: A");
  });

  it("takes labels of 63 bytes, names of 255, and pointers beyond byte 255", () => {
    const longest = `${`3f${"61".repeat(63)}`.repeat(3)} 3d${"61".repeat(61)} 00`;
    // The first answer has the question's last label, from byte 204; the third has the second's name, from byte 283.
    const message = bytesOf(
      `${header("0001000300000000")} ${longest} 0001 0001 c0cc 0001 0001 00000000 0000` +
        "0162 00 0001 0001 00000000 0000 c11b 0001 0001 00000000 0000",
    );
    assert.equal(values(decoded("dns", message), "question/name")[0]?.length, 253);
    assert.deepEqual(values(decoded("dns", message), "answer/name"), ["a".repeat(61), "b", "b"]);
    const tooLong = `${`3f${"61".repeat(63)}`.repeat(3)} 3e${"61".repeat(62)} 00`;
    assert.match(
      problem("dns", bytesOf(`${header("0001000000000000")} ${tooLong} 0001 0001`)),
      /The name at byte 12 is longer than 255 bytes/,
    );
  });

  it("follows 127 pointers, and no more", () => {
    // The data of one record: pointers, each to the one before, the first to the 0 at the header's end.
    const chained = (count: number) => {
      const targets = Array.from({ length: count }, (_, at) => (at === 0 ? 11 : 21 + at * 2));
      const data = targets.map((target) => (0xc000 | target).toString(16)).join("");
      const length = (count * 2).toString(16).padStart(4, "0");
      const last = (0xc000 | (21 + count * 2)).toString(16);
      return bytesOf(
        `${header("0000000200000000")} 00 ff00 0001 00000000 ${length} ${data}` +
          `${last} 0001 0001 00000000 0000`,
      );
    };
    assert.deepEqual(values(decoded("dns", chained(126)), "answer/name"), [".", "."]);
    assert.match(problem("dns", chained(127)), /The name at byte \d+ points to byte 11,/);
  });

  it("tells each flag by its own bit", () => {
    const flags = (bits: number) => {
      const message = bytesOf(`0001 ${bits.toString(16).padStart(4, "0")} 0000 0000 0000 0000`);
      const [field] = decoded("dns", message).fields.filter(({ name }) => name === "flags");
      return new Map(field?.fields.map(({ name, value }) => [name, value]));
    };
    const none = flags(0);
    for (const [bits, name] of [
      [0x8000, "response"],
      [0x7800, "opcode"],
      [0x0400, "authoritative"],
      [0x0200, "truncated"],
      [0x0100, "recursion desired"],
      [0x0080, "recursion available"],
      [0x0020, "authentic data"],
      [0x0010, "checking disabled"],
      [0x000f, "rcode"],
    ] as const) {
      const changed = [...flags(bits)].filter(([key, value]) => none.get(key) !== value);
      assert.deepEqual(
        changed.map(([key]) => key),
        [name],
      );
    }
    assert.equal(none.size, 9);
  });

  it("escapes what a label may hold: dots, control characters, direction marks", () => {
    const message = bytesOf(`${header("0001000000000000")} 04612e1b5c 03e280ae 00 0001 0001`);
    assert.deepEqual(values(decoded("dns", message), "question/name"), ["a\\.\\x1b\\\\.\\u{202e}"]);
  });

  it("tells flush and unicast of mDNS apart from the class", () => {
    const message = bytesOf(
      `0000 8400 0001 0001 0000 0000 0161056c6f63616c00 0001 8001 c00c 0001 8001 00000078 0004 c0000201`,
    );
    const mine = decoded("mdns", message);
    assert.equal(mine.protocol, "mDNS");
    assert.deepEqual(values(mine, "question/class"), ["IN (1)"]);
    assert.deepEqual(values(mine, "question/unicast response"), ["1"]);
    assert.deepEqual(values(mine, "answer/cache flush"), ["1"]);
    assert.equal(mine.summary, "response A a.local: 192.0.2.1");
  });

  it("has no such flags in DNS: the class is the whole number", () => {
    const message = bytesOf(`${header("0001000000000000")} 00 0001 8001`);
    assert.deepEqual(values(decoded("dns", message), "question/class"), ["32769"]);
  });

  it("keeps the other fields where a name points to what is not before it", () => {
    for (const [hex, name] of [
      ["c00c 0001 0001", "→12"],
      ["0161 c020 001c 0001", "a.→32"],
    ] as const) {
      const message = bytesOf(`${header("0001000000000000")} ${hex}`);
      assert.deepEqual(values(decoded("dns", message), "question/name"), [name]);
    }
  });

  for (const [what, hex, expected] of [
    [
      "types that end",
      "0000000100000000 00 002f 0001 00000000 0002 00 01",
      /ends within types, which starts at byte 24/,
    ],
    ["a header that is cut", "0001", /ends within answer count/],
    ["fewer questions than are counted", "ffff000000000000 00 0001 0001", /ends within name/],
    ["a label of a kind that there is not", "0001000000000000 40 00 0001 0001", /Byte 12 is 0x40/],
    [
      "data that says it is longer",
      "0000000100000000 00 0001 0001 00000000 ffff 01",
      /within data/,
    ],
    [
      "an address in too little data",
      "0000000100000000 00 0001 0001 00000000 0002 0102 0304",
      /address at byte 23 says that it ends at byte 27/,
    ],
    [
      "a name that is too long",
      `0001000000000000 ${`3f${"61".repeat(63)}`.repeat(4)} 00 0001 0001`,
      /longer than 255/,
    ],
  ] as const) {
    it(`says what is wrong with ${what}`, () => {
      assert.match(problem("dns", bytesOf(header(hex))), expected);
    });
  }

  it("says so where a pointer leads to a label that ends behind the payload", () => {
    const message = bytesOf("3f00 8000 0001 0000 0000 0000 0161 c000 0001 0001");
    assert.match(problem("dns", message), /ends within name, which starts at byte 12/);
  });

  it("is not held up by pointers to pointers", () => {
    // Each points to the one before, the first one to the last byte of the header: an empty name.
    const chain = Array.from({ length: 8000 }, (_, at) => 0xc000 | (at === 0 ? 11 : 10 + at * 2));
    const message = bytesOf(
      header("ffff000000000000") + chain.map((it) => it.toString(16)).join(""),
    );
    assert.match(problem("dns", message), /The name at byte \d+ points to byte/);
  });

  it("takes ten thousand mutated messages", () => {
    shake("dns", DNS_MESSAGES);
    shake("mdns", DNS_MESSAGES);
  });
});

/** What dns-packet has of a record's data, in a line. */
function dataText(data: unknown): string {
  if (Array.isArray(data)) return data.map((text) => `"${text}"`).join(" ");
  if (typeof data !== "object" || data === null) return String(data);
  const { flags, tag, value } = data as Record<string, unknown>;
  if (tag !== undefined) return `${flags} "${tag}" "${value}"`;
  return Object.values(data).join(" ");
}

function typeNumber(name: string): number {
  const types = {
    ...{ A: 1, TXT: 16, DS: 43, RRSIG: 46, NSEC: 47 },
    ...{ NSEC3: 50, SVCB: 64, HTTPS: 65, CAA: 257 },
  };
  return types[name as keyof typeof types] ?? Number(name.slice(4));
}
