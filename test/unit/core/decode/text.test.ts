import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createRequire } from "node:module";
import { cpuMilliseconds } from "../../../support/cpu_time.ts";
import { decoded, flat, lines, problem, shake, utf8, values } from "../../support/decoding.ts";
import { SYSLOG_MESSAGES } from "../../support/messages.ts";

const require = createRequire(import.meta.url);
/** As far as they are used here; they bring no types. */
const syslog = require("syslog-client") as {
  createClient(
    host: string,
    options: object,
  ): {
    log(message: string, options: object): void;
    close(): void;
  };
};
const StatsdClient = require("statsd-client") as new (
  options: object,
) => {
  increment(name: string, by: number): void;
  gauge(name: string, value: number, tags?: object): void;
  timing(name: string, value: number): void;
  set(name: string, value: string): void;
  close(): void;
};
const SsdpHeader = require("node-ssdp/lib/ssdpHeader.js") as new (
  method: string,
  headers: object,
  isResponse?: boolean,
) => { toBuffer(): Buffer };

/** What a program sends to this machine, until it is so many lines. */
async function received(lines: number, send: (port: number) => () => void): Promise<Buffer[]> {
  const server = createSocket("udp4").bind(0, "127.0.0.1");
  await once(server, "listening");
  const messages: Buffer[] = [];
  const all = new Promise<void>((resolve) =>
    server.on("message", (message) => {
      messages.push(message);
      if (messages.join("\n").split(/\n(?!$)/).length === lines) resolve();
    }),
  );
  const close = send(server.address().port);
  await all;
  close();
  server.close();
  return messages;
}

describe("the decoder of syslog", () => {
  it("reads the examples of RFC 5424 and RFC 3164", () => {
    assert.deepEqual(
      SYSLOG_MESSAGES.map((message) => decoded("syslog", message).summary),
      [
        "auth.critical su: 'su root' failed for lonvick on /dev/pts/8",
        "local4.notice evntslog: An application event log entry...",
        "local4.notice evntslog:",
        "auth.critical su: 'su root' failed for lonvick on /dev/pts/8",
        "user.notice app: Use the BFG!",
      ],
    );
    const [, , structured = assert.fail(), , old = assert.fail()] = SYSLOG_MESSAGES;
    const data = flat(decoded("syslog", structured).fields)
      .filter(([path]) => path.startsWith("structured data"))
      .map(([path, value]) => [path.slice(16), value]);
    assert.deepEqual(data, [
      ["", "exampleSDID@32473"],
      ["ID", "exampleSDID@32473"],
      ["iut", "3"],
      ["eventSource", 'a"b]c\\\\d'],
      ["", "examplePriority@32473"],
      ["ID", "examplePriority@32473"],
      ["class", "high"],
    ]);
    assert.deepEqual(
      decoded("syslog", old).fields.map(({ value }) => value),
      ["user (1)", "notice (5)", "Feb  5 17:32:18", "10.0.0.99", "app", "230", "Use the BFG!"],
    );
  });

  for (const [text, expected] of [
    // RFC 3164: what of it is there.
    [
      "<13>Feb  5 17:32:18 10.0.0.99 app[230]: Use the BFG!",
      [
        "4-19 timestamp: Feb  5 17:32:18",
        "20-29 host: 10.0.0.99",
        "30-33 application: app",
        "34-37 process ID: 230",
        "40-52 message: Use the BFG!",
      ],
    ],
    [
      "<13>2003-10-11T22:14:15Z host app: x",
      [
        "4-24 timestamp: 2003-10-11T22:14:15Z",
        "25-29 host: host",
        "30-33 application: app",
        "35-36 message: x",
      ],
    ],
    [
      "<13>Oct 11 22:14:15 host no tag",
      ["4-19 timestamp: Oct 11 22:14:15", "20-24 host: host", "25-31 message: no tag"],
    ],
    [
      "<13>Oct 11 22:14:15 host app:",
      ["4-19 timestamp: Oct 11 22:14:15", "20-24 host: host", "25-28 application: app"],
    ],
    ["<13>hello", ["4-9 message: hello"]],
    ["<13>1", ["4-5 message: 1"]],
    ["<13>1234 - - - - - -", ["4-20 message: 1234 - - - - - -"]],
    ["<13>", []],
    // RFC 5424: nothing but nil; a message that is empty; a mark in front of one; two elements.
    [
      "<13>1 - - - - - -",
      [
        ...["4-5 version: 1", "6-7 timestamp: -", "8-9 host: -", "10-11 application: -"],
        ...["12-13 process ID: -", "14-15 message ID: -", "16-17 structured data: -"],
      ],
    ],
    [
      "<13>123 - h a p m - ",
      [
        ...["4-7 version: 123", "8-9 timestamp: -", "10-11 host: h", "12-13 application: a"],
        ...["14-15 process ID: p", "16-17 message ID: m", "18-19 structured data: -"],
      ],
    ],
    [
      "<13>1 - - - - - - \ufeffx",
      [
        ...["4-5 version: 1", "6-7 timestamp: -", "8-9 host: -", "10-11 application: -"],
        ...["12-13 process ID: -", "14-15 message ID: -", "16-17 structured data: -"],
        "21-22 message: x",
      ],
    ],
    [
      '<13>1 - - - - - [a b="c" d="\\"\\\\\\]e\\f"][g] x',
      [
        ...["4-5 version: 1", "6-7 timestamp: -", "8-9 host: -", "10-11 application: -"],
        ...["12-13 process ID: -", "14-15 message ID: -"],
        "16-39 structured data: a",
        "17-18 structured data/ID: a",
        "19-24 structured data/b: c",
        '25-38 structured data/d: "\\\\]e\\\\f',
        "39-42 structured data: g",
        "40-41 structured data/ID: g",
        "43-44 message: x",
      ],
    ],
  ] as const) {
    it(`knows the bytes of each part of ${JSON.stringify(text)}`, () => {
      const mine = lines(decoded("syslog", utf8(text)));
      assert.deepEqual(mine.slice(0, 2), ["0-4 facility: user (1)", "0-4 severity: notice (5)"]);
      assert.deepEqual(mine.slice(2), expected);
    });
  }

  it("tells neither an application nor a message that is not there", () => {
    assert.equal(decoded("syslog", utf8("<13>1 - - - - - -")).summary, "user.notice");
    assert.equal(decoded("syslog", utf8("<13>1 - - - - - - x")).summary, "user.notice x");
    assert.equal(decoded("syslog", utf8("<13>1 - - app - - - ")).summary, "user.notice app:");
  });

  it("takes a mark of UTF-8 only where it is whole", () => {
    for (const [hex, expected] of [
      ["efbbbf", ""],
      ["efbbbf78", "x"],
      ["efbb78", "\\xef\\xbbx"],
      ["ef78bf", "\\xefx\\xbf"],
      ["78bbbf", "x\\xbb\\xbf"],
    ] as const) {
      const mine = decoded("syslog", Buffer.concat([utf8("<13>"), Buffer.from(hex, "hex")]));
      assert.deepEqual(values(mine, "message"), [expected]);
    }
  });

  for (const rfc3164 of [true, false]) {
    it(`reads what syslog-client sends as ${rfc3164 ? "RFC 3164" : "RFC 5424"}`, async () => {
      const [message = assert.fail()] = await received(1, (port) => {
        const options = { port, syslogHostname: "here", appName: "tester", rfc3164 };
        const client = syslog.createClient("127.0.0.1", options);
        client.log("tester: disk is \x1b[31mfull", { facility: 20, severity: 3 });
        return () => client.close();
      });
      const mine = decoded("syslog", message);
      assert.match(mine.summary, /^local4\.error tester: .*disk is \\x1b\[31mfull\\n$/);
      assert.deepEqual(values(mine, "host"), ["here"]);
      assert.equal(values(mine, "timestamp").length, 1);
    });
  }

  for (const [text, expected] of [
    ["hello!", /<PRI> at byte 0 is hello; it has to be <0> - <191>/],
    ["<192>1 - - - - - -", /<PRI> at byte 0 is <192>/],
    ["<01>x", /<PRI>/],
    ["<1>1 - -", /ends within host, which starts at byte 7/],
    ["<1>1 - - - - - [a ", /ends within structured data, which starts at byte 15/],
    ["<1>1 - - - - - [a b=", /ends within parameter, which starts at byte 18/],
    ['<1>1 - - - - - [a b="c\\', /ends within structured data, which starts at byte 15/],
    ["<1>1 - - - - - ", /ends within structured data, which starts at byte 15/],
    ["<1>1 - - - - - -x", /Byte 16 is x,/],
    ["<1>1 - - - - - [a b=c]", /Byte 20 is c,/],
    ["<1>1 - - - - - [a b=c", /Byte 20 is c,/],
    ['<1>1 - - - - - [a b="c"x]', /Byte 23 is x,/],
    ['<1>1 - - - - - [a b="c', /ends within structured data, which starts at byte 15/],
    ['<1>1 - - - - - [a b="c"', /ends within structured data/],
    ['<1>1 - - - - - [a b="c"]x', /Byte 24 is x/],
  ] as const) {
    it(`says what is wrong with ${text}`, () => {
      assert.match(problem("syslog", utf8(text)), expected);
    });
  }

  it("takes ten thousand mutated messages", () => {
    shake("syslog", SYSLOG_MESSAGES);
  });
});

describe("the decoder of StatsD", () => {
  it("reads what statsd-client sends", async () => {
    const messages = await received(4, (port) => {
      const client = new StatsdClient({ host: "127.0.0.1", port });
      client.increment("requests", 3);
      client.gauge("load", 1.5, { host: "a", zone: "b" });
      client.timing("answer", 320);
      client.set("users", "m:ichael");
      return () => client.close();
    });
    const told = messages.flatMap((message) => {
      const mine = decoded("statsd", message);
      return values(mine, "metric/type").map((type, index) => [
        values(mine, "metric/name")[index],
        type,
      ]);
    });
    assert.deepEqual(told.sort(), [
      ["answer", "timing (ms)"],
      ["load", "gauge (g)"],
      ["requests", "counter (c)"],
      ["users", "set (s)"],
    ]);
  });

  it("knows the bytes of every part", () => {
    const text = "a.b:1:2|c|@0.1|#x:y,z\n\nroom:-2.5|g|c:id|T1700000000\n";
    const mine = decoded("statsd", utf8(text));
    assert.deepEqual(
      flat(mine.fields).map(([path, value, from, to]) => [path, value, text.slice(from, to)]),
      [
        ["metric", "a.b:1:2|c|@0.1|#x:y,z", "a.b:1:2|c|@0.1|#x:y,z"],
        ["metric/name", "a.b", "a.b"],
        ["metric/value", "1", "1"],
        ["metric/value", "2", "2"],
        ["metric/type", "counter (c)", "c"],
        ["metric/sample rate", "0.1", "@0.1"],
        ["metric/tags", "x:y,z", "#x:y,z"],
        ["metric", "room:-2.5|g|c:id|T1700000000", "room:-2.5|g|c:id|T1700000000"],
        ["metric/name", "room", "room"],
        ["metric/value", "-2.5", "-2.5"],
        ["metric/type", "gauge (g)", "g"],
        ["metric/container", "id", "c:id"],
        ["metric/timestamp", "1700000000", "T1700000000"],
      ],
    );
  });

  it("knows the bytes of every part of an event and of a service check", () => {
    const event = "_e{3,4}:a|b|text|d:5|h:pi|k:key|p:low|s:src|t:error|#x,y:z|card:low";
    const check = "_sc|disk|2|d:5|h:pi|#x|m:full";
    const text = `${event}\n${check}`;
    const mine = decoded("statsd", utf8(text));
    assert.deepEqual(
      flat(mine.fields).map(([path, value, from, to]) => [path, value, text.slice(from, to)]),
      [
        ["event", event, event],
        ["event/title", "a|b", "a|b"],
        ["event/text", "text", "text"],
        ["event/timestamp", "5", "d:5"],
        ["event/host name", "pi", "h:pi"],
        ["event/aggregation key", "key", "k:key"],
        ["event/priority", "low", "p:low"],
        ["event/source type", "src", "s:src"],
        ["event/alert type", "error", "t:error"],
        ["event/tags", "x,y:z", "#x,y:z"],
        ["event/cardinality", "low", "card:low"],
        ["service check", check, check],
        ["service check/name", "disk", "disk"],
        ["service check/status", "critical (2)", "2"],
        ["service check/timestamp", "5", "d:5"],
        ["service check/host name", "pi", "h:pi"],
        ["service check/tags", "x", "#x"],
        ["service check/message", "full", "m:full"],
      ],
    );
    for (const wrong of ["_e{9,4}:a|b", "_e{a}:b|c", "_sc|disk|4", "_sc|disk", "_sc|disk|2|z:1"]) {
      assert.match(problem("statsd", utf8(wrong)), /\S/, wrong);
    }
  });

  it("tells three metrics, and how many more there are", () => {
    const metrics = ["a:1|c", "b:-.5e3|g", "c:3.|ms", "d:4|h", "e:5|d", "f:6|m"];
    assert.equal(
      decoded("statsd", utf8(metrics.slice(0, 3).join("\n"))).summary,
      "a:1|c, b:-.5e3|g, c:3.|ms",
    );
    const all = decoded("statsd", utf8(metrics.join("\n")));
    assert.equal(all.summary, "a:1|c, b:-.5e3|g, c:3.|ms, +3");
    assert.deepEqual(values(all, "metric/type"), [
      ...["counter (c)", "gauge (g)", "timing (ms)"],
      ...["histogram (h)", "distribution (d)", "meter (m)"],
    ]);
  });

  it("shows up to 200 characters of a metric", () => {
    const value = (length: number) => `a:${"1".repeat(length - 4)}|c`;
    assert.deepEqual(values(decoded("statsd", utf8(value(200))), "metric"), [value(200)]);
    assert.match(
      values(decoded("statsd", utf8(value(201))), "metric")[0] ?? "",
      /^a:1{197}\|… \(201 B\)$/,
    );
  });

  for (const [text, expected] of [
    ["a:1:x|c", /value at byte 4 is "x"/],
    ["a:1|c|", /option at byte 6 is ""/],
    ["a:1|c|#x|?", /option at byte 9 is "\?"/],
    ["\na:1\n", /type at byte 4 is ""/],
    [`${"x".repeat(41)}|c`, /metric at byte 0 is "x{40}…[^"]*"/],
    [`a:${"x".repeat(40)}|c`, /value at byte 2 is "x{40}"/],
    ["hello", /metric at byte 0 is "hello"; it has to be name:value\|type/],
    [":1|c", /metric at byte 0/],
    ["a:x|c", /value at byte 2 is "x"/],
    ["a:1", /type at byte 3 is ""/],
    ["a:1|q", /type at byte 4 is "q"/],
    ["a:1|c|?", /option at byte 6 is "\?"/],
    ["a:1|c|@x1", /option at byte 6/],
    ["a:1|c\nb", /metric at byte 6 is "b"/],
    ["\n\n", /The payload is empty/],
  ] as const) {
    it(`says what is wrong with ${JSON.stringify(text)}`, () => {
      assert.match(problem("statsd", utf8(text)), expected);
    });
  }

  it("takes ten thousand mutated messages", () => {
    shake(
      "statsd",
      ["a.b:1:2|c|@0.1|#x:y,z\n\nroom:-2.5|g|c:id\n", "t:320|ms", "u:你|s"].map(utf8),
    );
  });
});

describe("the decoder of SSDP", () => {
  const search = new SsdpHeader("M-SEARCH", {
    HOST: "239.255.255.250:1900",
    ST: "ssdp:all",
    MAN: '"ssdp:discover"',
    MX: 3,
  }).toBuffer();
  const answer = new SsdpHeader("200 OK", { ST: "upnp:rootdevice", LOCATION: "http://x/" }, true);

  it("reads what node-ssdp writes", () => {
    const mine = decoded("ssdp", search);
    assert.equal(mine.summary, "M-SEARCH ssdp:all");
    assert.deepEqual(values(mine, "MAN"), ['"ssdp:discover"']);
    const [field] = mine.fields.filter(({ name }) => name === "HOST");
    assert.equal(search.toString("latin1", field?.from, field?.to), "HOST: 239.255.255.250:1900");
    assert.equal(decoded("ssdp", answer.toBuffer()).summary, "200 OK upnp:rootdevice http://x/");
  });

  for (const [text, summary, expected] of [
    [
      "NOTIFY * HTTP/1.1\r\nNT: a\r\nNTS:ssdp:alive \r\nServer: x\r\nLocation: http://b/\r\n\r\nb",
      "NOTIFY a ssdp:alive http://b/",
      [
        "0-17 start line: NOTIFY * HTTP/1.1",
        "19-24 NT: a",
        "26-41 NTS: ssdp:alive",
        "43-52 Server: x",
        "54-73 Location: http://b/",
        "77-78 body: b",
      ],
    ],
    // Line feeds alone; no empty line at the end; no end of the last line.
    [
      "M-SEARCH * HTTP/1.0\nST:a\n\n",
      "M-SEARCH a",
      ["0-19 start line: M-SEARCH * HTTP/1.0", "20-24 ST: a"],
    ],
    ["HTTP/1.1 200 OK\r\nST: a", "200 OK a", ["0-15 start line: HTTP/1.1 200 OK", "17-22 ST: a"]],
    ["HTTP/1.1 200", "200", ["0-12 start line: HTTP/1.1 200"]],
  ] as const) {
    it(`knows the bytes of each part of ${JSON.stringify(text)}`, () => {
      const mine = decoded("ssdp", utf8(text));
      assert.equal(mine.summary, summary);
      assert.deepEqual(lines(mine), expected);
    });
  }

  for (const [text, expected] of [
    ["\r\n", /start line at byte 0 is ""/],
    [`GET ${"x".repeat(40)}`, /start line at byte 0 is "GET x{36}…[^"]*"/],
    [`GET ${"x".repeat(36)}`, /start line at byte 0 is "GET x{36}"/],
    ["NOTIFY * HTTP/1.1\r\nNT: a\r\n: b\r\n", /Byte 26 is :,/],
    ["hello", /start line at byte 0 is "hello"/],
    ["", /start line/],
    ["NOTIFY * HTTP/1.1\r\nno header\r\n", /Byte 19 is n/],
    ["GET / HTTP/1.1\r\n\r\n", /start line/],
  ] as const) {
    it(`says what is wrong with ${JSON.stringify(text)}`, () => {
      assert.match(problem("ssdp", utf8(text)), expected);
    });
  }

  it("is not held up by spaces without end", () => {
    const spaces = " ".repeat(60_000);
    const took = cpuMilliseconds(() => {
      const mine = decoded(
        "ssdp",
        utf8(`NOTIFY * HTTP/1.1\r\nNT:${spaces}x${spaces}x${spaces}\r\n`),
      );
      assert.match(values(mine, "NT")[0] ?? "", /^x +…$/);
    });
    assert.ok(took < 1000, `${took} ms`);
  });

  it("takes ten thousand mutated messages", () => {
    shake("ssdp", [search, answer.toBuffer()]);
  });
});
