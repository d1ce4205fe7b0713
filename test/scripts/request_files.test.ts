import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { crcOf } from "../../extension/core/payload/crc.ts";
import { crcNamed } from "../../extension/core/payload/crc_catalogue.ts";
import {
  CHECKSUMS,
  checksum,
  diffOf,
  type Heard,
  Inbox,
  parseRequests,
  payloadOf,
  type RequestFile,
  whyNot,
} from "../../scripts/udp_run.ts";
import { cpuMilliseconds } from "../support/cpu_time.ts";

const problemsOf = ({ problems }: RequestFile) =>
  problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

/** The bytes of what a file sends first, in hexadecimal. */
function bytesOf(payload: string, names: readonly (readonly [string, string | Buffer])[] = []) {
  const file = parseRequests(
    `### one\nSEND 127.0.0.1:9\n${payload}\n`,
    "",
    names.map(([name]) => name),
  );
  assert.deepEqual(problemsOf(file), []);
  const [step] = file.blocks[0]?.steps ?? [];
  assert.ok(step?.kind === "send");
  return payloadOf(step.payload, { names: new Map(names), seq: 258, folder: "." }).toString("hex");
}

describe("a request file, as it is read", () => {
  it("has the example of its documentation, without a problem", () => {
    const docs = readFileSync(join(import.meta.dirname, "../../docs/request_files.md"), "utf8");
    const [, example = ""] = /```udp\n([\s\S]*?)```/.exec(docs) ?? [];
    const file = parseRequests(example);
    assert.deepEqual(problemsOf(file), []);
    assert.deepEqual(
      file.blocks.map(({ title, steps }) => `${title}: ${steps.map(({ kind }) => kind)}`),
      [
        "Reads the temperature: send,expect",
        "Nothing answers a wrong command: send,expect",
        "What was read is used again: send,expect",
        "A device to test against: serve",
      ],
    );
    assert.deepEqual(file.blocks[0]?.directives, { timeout: 500, retries: 2 });
  });

  const WRONG: Record<string, readonly [text: string, problem: string]> = {
    "no block": ["SEND 127.0.0.1:9", "1:1 A block begins with ###, and its title"],
    "no target": ["###\nSEND\n", "2:1 SEND says where to: SEND 127.0.0.1:9999"],
    "no port": [
      '###\nSEND 127.0.0.1\n"x"',
      "2:6 An address is written as 127.0.0.1:9999 or [::1]:9999, not '127.0.0.1'",
    ],
    "no payload": [
      "###\nSEND :9",
      '2:1 SEND has what is sent below it; an empty datagram is written as ""',
    ],
    "half a byte": [
      "###\nSEND :9\nhex 4\n",
      "3:5 hex takes pairs of hexadecimal digits, and '4' is none",
    ],
    "an open string": ['###\nSEND :9\n"abc\n', '3:1 A string begins and ends with "'],
    "an unknown escape": [
      '###\nSEND :9\n"a\\qc"\n',
      '3:3 In a string \\ stands before n, r, t, 0, ", \\, xff or u{20ac}',
    ],
    "an unknown name": [
      "###\nSEND {{device}}\nhex 00\n",
      "2:8 Nothing is called device: write @device = ... above, or give it with --var",
    ],
    "an unknown checksum": [
      "###\nSEND :9\nhex 00 {{crc16/modbas}}\n",
      `3:8 No checksum is called crc16/modbas: there are ${Object.keys(CHECKSUMS).join(", ")}`,
    ],
    "an unknown type": [
      "###\nSEND :9\nhex 00 {{seq u17be}}\n",
      "3:8 seq takes a type, which says its bytes: {{seq u16be}}",
    ],
    "nothing sent": ["###\nEXPECT 1\n", "2:1 EXPECT stands behind what is sent: SEND or REPLAY"],
    "a count that is none": [
      '###\nSEND :9\n"x"\nEXPECT many\n',
      "4:8 EXPECT takes a number of answers and a time: EXPECT 1, EXPECT 2.., EXPECT 0..3, EXPECT refused, with: within 200ms",
    ],
    "an unknown path": [
      '###\nSEND :9\n"x"\nEXPECT 1\nsize == 3\n',
      "5:1 Nothing of a datagram is called size: there are length, bytes, text, u16be[0] and its like, from, delay, json",
    ],
    "no operator": [
      '###\nSEND :9\n"x"\nEXPECT 1\nlength 3\n',
      "5:1 An expectation is of the form: length == 8, or with !=, <=, >=, <, >, startsWith, endsWith, contains, matches",
    ],
    "a wrong pattern": [
      '###\nSEND :9\n"x"\nEXPECT 1\ntext matches /(/\n',
      "5:14 matches takes a pattern between slashes, as JavaScript has them: Invalid regular expression: /(/: Unterminated group",
    ],
    "a reply without a server": ['###\nREPLY "x"\n', "2:1 REPLY stands below SERVE"],
    "an unknown directive": [
      '###\n# @timout 1s\nSEND :9\n"x"\n',
      "2:3 No directive is called @timout: there are @timeout, @retries, @loop, @sleep, @disabled, @tag, @use",
    ],
    "a time without a unit": [
      '###\n# @timeout 100\nSEND :9\n"x"\n',
      "2:3 @timeout takes a time (500ms, 2s), not '100'",
    ],
    "a name that is taken": ["@seq = 1\n", "1:1 seq has a meaning of its own: choose another name"],
    "an empty block": ["### Later\n", "1:1 A block has something to do: SEND, SERVE or REPLAY"],
  };
  for (const [what, [text, problem]] of Object.entries(WRONG)) {
    it(`says where and why, and reads on: ${what}`, () => {
      const file = parseRequests(`${text}\n### Next\nSEND :9\n"x"\n`);
      assert.deepEqual(problemsOf(file), [problem]);
      assert.equal(file.blocks.at(-1)?.title, "Next");
    });
  }

  it("is read to its end whatever it has, each problem within its line", () => {
    const word = fc.constantFrom(
      ...'### SEND EXPECT SERVE WHEN AND REPLY REPLAY to from within after hex base64 file 40 @a = {{a}} {{ }} " \\ / /x/ # @timeout 1s 1.. refused same except bytes[1..2] length == not matches distinct : :9 127.0.0.1:9'.split(
        " ",
      ),
    );
    const line = fc.array(fc.oneof(word, fc.string({ unit: "binary", maxLength: 4 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const text = lines.map((words) => words.join(" ")).join("\n");
        const rows = text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
        for (const { line, column, end } of parseRequests(text).problems) {
          const row = rows[line - 1];
          assert.ok(row !== undefined && column >= 1 && end >= column && end <= row.length + 1);
        }
      }),
    );
  });

  for (const [what, line] of Object.entries({
    blocks: '### a\nSEND :9\nhex 00 {{seq u16be}} "x"\nEXPECT 1\nlength == 3\n',
    "words of a line": "hex 00 ",
    "names that never end": "{{a ",
    "names in a string that never ends": '"{{a}}',
    escapes: '"\\\\',
    slashes: "/a ",
    exceptions: "bytes[1..2],",
    problems: "?\n",
    "wrong blocks": "###\n?\n",
    tags: "# @tag a b\n",
    "expectations of a block": "EXPECT 1\nlength == 3\n",
  })) {
    it(`takes time in proportion: ${what}`, () => {
      const cost = (count: number) =>
        Math.min(
          ...[1, 2, 3, 4, 5].map(() =>
            cpuMilliseconds(() => parseRequests(`###\nSEND :9\n${line.repeat(count)}`)),
          ),
        );
      cost(1000);
      const [once, four] = [cost(8000), cost(32_000)];
      assert.ok(four < 12 * Math.max(once, 1), `${once} ms, and ${four} ms for four times as much`);
    });
  }

  it("is read where one line has more parts than a call has arguments", () => {
    const [step] =
      parseRequests(`###\nSEND :9\n"${"\\n".repeat(300_000)}"\n`).blocks[0]?.steps ?? [];
    assert.ok(step?.kind === "send");
    assert.equal(step.payload.length, 300_000);
  });
});

describe("a request file that is edited", () => {
  const line = fc.constantFrom(
    ...["### a", "###", "SEND {{a}}", 'hex 00 {{a u16be}} "x{{b}}"', "EXPECT 1", "length == 3"],
    ...["@a = :9", "@b = u8[0]", "t.x > 1", "t { x: 1", "y: {{a}} }", "SERVE :9", "# @use t.ksy"],
    ...["WHEN t.x == 1", "REPLY t { x: {{b}} } after 1ms", "REPLAY a.pcap to {{b}}", "", "?", "#"],
  );

  it("is as if it had been read anew, whatever came or went", () => {
    const lines = fc.array(line, { maxLength: 40 });
    fc.assert(
      fc.property(
        lines,
        fc.nat(40),
        fc.nat(5),
        fc.array(line, { maxLength: 5 }),
        (all, at, count, added) => {
          const edited = all.toSpliced(at, count, ...added).join("\n");
          const before = parseRequests(all.join("\n"));
          assert.deepEqual(parseRequests(edited, "", [], before), parseRequests(edited));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("is read again where it has changed, and nowhere else", () => {
    const block = (at: number) => `### ${at}\nSEND :9\nhex 00\nEXPECT 1\nlength == 3\n\n`;
    const texts = Array.from({ length: 1000 }, (_, at) => block(at));
    for (const changed of [
      "### 500\nSEND :9\nhex 0011\n\n",
      "### 500\n\n\nSEND :9\nhex 00\n### and one more\nSEND :9\nhex 01\n",
    ]) {
      const before = parseRequests(texts.join(""));
      const known = new Set(before.blocks);
      const edited = texts.with(500, changed).join("");
      const again = parseRequests(edited, "", [], before);
      // The one that has changed, and the one above it, which may end elsewhere now.
      assert.ok(again.blocks.filter((it) => known.has(it)).length >= 998, changed);
      assert.deepEqual(again, parseRequests(edited));
    }
  });
});

describe("what is written as fields in a request file", () => {
  const usesOf = (text: string) =>
    parseRequests(text).uses.map(({ line, column, end, ...use }) => use);

  it("is a payload, over as many lines as its braces are open", () => {
    const text = `### a
SEND :9
hex 01 t { x: 1, name: "} # {", at: {{seq}}
  inner: { y: [1, 2] } # a comment
} hex 02
EXPECT 1
bytes == t{x:1}
t.inner.y[1] > 1
`;
    const file = parseRequests(text);
    assert.deepEqual(problemsOf(file), []);
    assert.deepEqual(usesOf(text), [
      {
        kind: "fields",
        name: "t",
        text: 't { x: 1, name: "} # {" , at: {{seq}}\n inner: { y: [1, 2] }\n }',
      },
      { kind: "fields", name: "t", text: "t{x:1}" },
      { kind: "field", name: "t", field: "inner.y[1]" },
    ]);
    const [step] = file.blocks[0]?.steps ?? [];
    assert.ok(step?.kind === "send");
    const written: string[] = [];
    const definitions = {
      check: () => undefined,
      look: () => ({ value: 0 }),
      write: (fields: string) => {
        written.push(fields);
        return { value: Uint8Array.of(0xff, 0xfe) };
      },
    };
    const context = { names: new Map(), seq: 1, folder: ".", definitions };
    assert.equal(payloadOf(step.payload, context).toString("hex"), "01fffe02");
    assert.equal(written.length, 1);
  });

  it("has the values of names, which become no braces and no fields of their own", () => {
    const file = parseRequests(
      '@a = "1 }, x: { y: 2"\n@b = hex 00 ff\n@c = 7\n### a\nSEND :9\nt { a: {{a}}, b: {{b}}, c: {{c}}, d: "{{a}}{{b}}" }\n',
    );
    const [step] = file.blocks[0]?.steps ?? [];
    assert.ok(step?.kind === "send");
    let written = "";
    const names = new Map<string, string | Buffer>([
      ["a", '1 }, x: { y: "2'],
      ["b", Buffer.from([0, 255])],
      ["c", "7"],
    ]);
    const definitions = {
      check: () => undefined,
      look: () => ({ value: 0 }),
      write: (fields: string) => {
        written = fields;
        return { value: new Uint8Array() };
      },
    };
    payloadOf(step.payload, { names, seq: 1, folder: ".", definitions });
    assert.equal(
      written,
      't { a: "1 }, x: { y: \\"2", b: 00ff, c: 7, d: "1 }, x: { y: \\"2\\x00\\xff" }',
    );
  });

  it("has to end", () => {
    const file = parseRequests("### a\nSEND :9\nt { x: 1\n\nEXPECT 1\n### b\nSEND :9\nt {");
    const sentence = "What begins with { ends with }: the fields of t do not";
    assert.deepEqual(problemsOf(file), [`3:1 ${sentence}`, `8:1 ${sentence}`]);
  });
});

describe("what a block has heard", () => {
  const target = { address: "127.0.0.1", port: 9 };
  const stranger = { address: "127.0.0.1", port: 10 };

  /** An answer that counts how often somebody looks at it. */
  const watched = (from: typeof target, looks: { count: number }) =>
    new Proxy(
      { payload: Buffer.alloc(0), from, delayMs: 1 },
      {
        get(heard, key: keyof Heard) {
          looks.count++;
          return heard[key];
        },
      },
    );

  for (const isOpen of [false, true]) {
    it(`is looked at once, however much comes${isOpen ? " from anybody" : ""}`, () => {
      const cost = (count: number) => {
        const inbox = new Inbox();
        const looks = { count: 0 };
        for (let at = 0; at < count; at++) {
          inbox.add(watched(at % 2 ? target : stranger, looks), at % 2 === 1, isOpen);
          inbox.count(isOpen);
        }
        while (inbox.count(isOpen) > inbox.take(3, isOpen).length);
        return looks.count;
      };
      assert.ok(
        cost(4000) <= 5 * cost(1000),
        `${cost(1000)}, and ${cost(4000)} for four times as much`,
      );
    });
  }

  it("is counted where it is not kept: what strangers send, and what has no room", () => {
    const inbox = new Inbox();
    const [mine, other] = [target, stranger].map((from) => ({
      payload: Buffer.alloc(60_000),
      from,
      delayMs: 1,
    })) as [Heard, Heard];
    for (let at = 0; at < 1000; at++) inbox.add(other, false, false);
    inbox.add(mine, true, false);
    assert.deepEqual([inbox.count(false), inbox.kept.length + inbox.dropped], [1, 1001]);
    assert.ok(inbox.kept.length < 100, `${inbox.kept.length}`);
    for (let at = 0; at < 3000; at++) inbox.add(mine, true, false);
    assert.equal(inbox.count(false), 3001);
    const bytes = inbox.kept.reduce((sum, { payload }) => sum + payload.length, 0);
    assert.ok(bytes > 60 * 2 ** 20 && bytes <= 64 * 2 ** 20, `${bytes}`);
  });

  it("is taken in its order, from all or from who was asked", () => {
    const kinds = fc.array(fc.boolean(), { maxLength: 30 });
    const takes = fc.array(fc.tuple(fc.nat(4), fc.boolean()), { maxLength: 10 });
    fc.assert(
      fc.property(kinds, takes, (own, steps) => {
        const inbox = new Inbox();
        const all = own.map((isOwn, at) => ({ isOwn, delayMs: at }));
        for (const { isOwn, delayMs } of all) {
          const from = isOwn ? target : stranger;
          inbox.add({ payload: Buffer.alloc(0), from, delayMs }, isOwn, true);
        }
        let rest = all;
        for (const [count, isOpen] of steps) {
          const wanted = rest.filter(({ isOwn }) => isOpen || isOwn);
          assert.equal(inbox.count(isOpen), wanted.length);
          const taken = wanted.slice(0, count);
          assert.deepEqual(
            inbox.take(count, isOpen).map(({ delayMs }) => delayMs),
            taken.map(({ delayMs }) => delayMs),
          );
          const last = taken.at(-1);
          if (last) rest = rest.filter(({ delayMs }) => delayMs > last.delayMs);
        }
      }),
    );
  });
});

describe("a payload of a request file", () => {
  for (const [payload, hex] of [
    ['hex 40 01 "temp" ff', "400174656d70ff"],
    ["hex 4001", "4001"],
    ['"a\\n\\xff\\u{20ac}\\0\\"\\\\"', "610affe282ac00225c"],
    ["base64 QAE=", "4001"],
    ['""', ""],
    ["hex 00 {{seq u16be}} {{seq u8}}", "00010202"],
    ["{{length u16le}} hex ff", "0300ff"],
    ['"123456789" {{crc16/modbus}}', "313233343536373839374b"],
    ['"123456789" {{crc16/modbus be}}', "3132333435363738394b37"],
    ['hex 01\n"b" # and this is no byte\nhex 03', "016203"],
  ] as const) {
    it(`is exact: ${payload.replaceAll("\n", "; ")}`, () => assert.equal(bytesOf(payload), hex));
  }

  it("has numbers of three bytes, which are read as they were written", () => {
    const names = [["big", "8388609"] as const, ["small", "-8388607"] as const];
    assert.equal(
      bytesOf("{{big u24be}} {{big u24le}} {{small i24be}} {{small i24le}}", names),
      "800001" + "010080" + "800001" + "010080",
    );
    const payload = Buffer.from("800001", "hex");
    const holds = (line: string) => {
      const { blocks } = parseRequests(`###\nSEND :9\n"x"\nEXPECT 1\n${line}\n`);
      const expect = blocks[0]?.steps.find((step) => step.kind === "expect");
      const subject = { payload, from: { address: "127.0.0.1", port: 9 } };
      return expect?.checks.map((it) => {
        return whyNot(it, subject, { names: new Map(), seq: 1, folder: "." });
      });
    };
    for (const line of ["u24be[0] == 8388609", "i24be[0] == -8388607", "u24le[0] == 65664"])
      assert.deepEqual(holds(line), [undefined], line);
  });

  it("has what names stand for: bytes, text, numbers with a type, and parts", () => {
    const names = [["a", Buffer.from("0102030405", "hex")] as const, ["n", "513"] as const];
    assert.equal(
      bytesOf("{{a}} {{a[1..3]}} {{a[4]}} {{a[3..]}}", names),
      "0102030405020305" + "0405",
    );
    assert.equal(
      bytesOf('"n={{n}}" {{n u16be}} {{n u32le}} {{n f32be}}', names),
      "6e3d353133" + "0201" + "01020000" + "44004000",
    );
    assert.throws(() => bytesOf("{{n u8}}", names), /n is 513, for which 1 bytes are too few/);
    assert.throws(
      () => bytesOf("{{a[4..9]}}", names),
      /a has 5 bytes, and \[4\.\.9\] are asked for/,
    );
  });

  it("has each checksum of the catalogue, by its check value", () => {
    const CHECK: Record<string, number> = {
      "crc8/smbus": 0xf4,
      "crc8/maxim-dow": 0xa1,
      "crc8/autosar": 0xdf,
      "crc8/sae-j1850": 0x4b,
      "crc16/arc": 0xbb3d,
      "crc16/modbus": 0x4b37,
      "crc16/usb": 0xb4c8,
      "crc16/kermit": 0x2189,
      "crc16/ibm-sdlc": 0x906e,
      "crc16/mcrf4xx": 0x6f91,
      "crc16/ibm-3740": 0x29b1,
      "crc16/xmodem": 0x31c3,
      "crc16/genibus": 0xd64e,
      "crc16/dnp": 0xea82,
      "crc32/iso-hdlc": 0xcbf43926,
      "crc32/iscsi": 0xe3069283,
      "crc32/bzip2": 0xfc891918,
      "crc32/mpeg-2": 0x0376e6e7,
      "crc32/cksum": 0x765e7680,
      sum8: 0xdd,
      sum16: 0x01dd,
    };
    const of = Object.entries(CHECKSUMS).map(([name, sum]) => {
      return [name, checksum(sum, Buffer.from("123456789"))];
    });
    assert.deepEqual(Object.fromEntries(of), CHECK);
  });

  it("has the checksums that the editor knows by the same names", () => {
    const bytes = Buffer.from("any bytes at all");
    for (const [name, sum] of Object.entries(CHECKSUMS).filter(([name]) => /^crc/.test(name))) {
      const known = crcNamed(name);
      assert.ok(known, name);
      assert.equal(BigInt(checksum(sum, bytes)), crcOf(known, bytes), name);
      assert.equal(sum.isReflected, known.isReflected, name);
    }
  });

  it("differs from another one at the first byte that does", () => {
    assert.deepEqual(diffOf(Buffer.from("0102", "hex"), Buffer.from("010304", "hex")), [
      "[0] expected 01 02 --",
      "    got      01 03 04",
      "                ^^ ^^",
    ]);
  });
});
