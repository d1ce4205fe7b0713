import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type ControlRequest,
  controlPath,
  formatGreeting,
  formatProven,
  formatReply,
  formatRequest,
  MOST_REPLY,
  MOST_REQUEST,
  parseGreeting,
  parseProven,
  parseReply,
  parseRequest,
  provenText,
} from "../../../../extension/core/wire/control_message.ts";

const AUTH = "0123456789abcdef".repeat(4);
const PLAIN = { noNullPrototype: true };

const named = {
  socket: fc.integer({ min: 1, max: 2 ** 40 }),
  local: fc.string({ minLength: 1, maxLength: 100 }),
};
const requests: fc.Arbitrary<ControlRequest> = fc.oneof(
  fc.record({ do: fc.constantFrom("close", "keepRules"), ...named }, PLAIN),
  fc.record(
    {
      do: fc.constant("setRules" as const),
      ...named,
      rules: fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 16 }),
    },
    PLAIN,
  ),
  fc.record(
    {
      do: fc.constant("send" as const),
      ...named,
      address: fc.oneof(fc.ipV4(), fc.ipV6()),
      port: fc.integer({ min: 1, max: 65_535 }),
      payload: fc.uint8Array({ maxLength: 200 }),
    },
    PLAIN,
  ),
);

describe("control_message", () => {
  it("parses each request that it writes", () => {
    fc.assert(
      fc.property(requests, (request) => {
        assert.deepEqual(parseRequest(formatRequest(request)), request);
      }),
    );
  });

  it("has room for the largest payload, and for nothing larger", () => {
    const local = "x".repeat(100);
    const send = { do: "send", socket: 1, local, address: "::1", port: 1 } as const;
    const largest = formatRequest({ ...send, payload: new Uint8Array(65_527) });
    assert.ok(largest.length <= MOST_REQUEST);
    assert.ok(parseRequest(largest));
    assert.equal(
      parseRequest(formatRequest({ ...send, payload: new Uint8Array(65_528) })),
      undefined,
    );
    assert.ok(parseRequest(largest.padEnd(MOST_REQUEST)));
    assert.equal(parseRequest(largest.padEnd(MOST_REQUEST + 1)), undefined);
    const reply = formatReply({ bytes: 1 });
    assert.ok(parseReply(reply.padEnd(MOST_REPLY)));
    assert.equal(parseReply(reply.padEnd(MOST_REPLY + 1)), undefined);
  });

  it("parses each greeting and each proven body that it writes, and takes no other digits", () => {
    assert.equal(parseGreeting(formatGreeting(AUTH)), AUTH);
    fc.assert(
      fc.property(fc.string(), (body) => {
        const proven = { auth: AUTH, body };
        assert.deepEqual(parseProven(formatProven(proven)), proven);
      }),
    );
    for (const digits of [
      "",
      AUTH.slice(1),
      `${AUTH}0`,
      AUTH.toUpperCase(),
      AUTH.replace("0", "g"),
    ]) {
      assert.equal(parseGreeting(formatGreeting(digits)), undefined, digits);
      assert.equal(parseProven(formatProven({ auth: digits, body: "{}" })), undefined, digits);
    }
    for (const line of [AUTH, `${AUTH}{}`, `${AUTH}\t{}`, ` ${AUTH} {}`]) {
      assert.equal(parseProven(line), undefined, line);
    }
    assert.equal(parseGreeting(formatGreeting(AUTH).padEnd(MOST_REPLY + 1)), undefined);
    assert.equal(parseGreeting(`{"v":1,"nonce":"${AUTH}"}`), undefined);
  });

  it("proves no body as another, nor for another path or challenge", () => {
    const text = fc.string({ unit: "grapheme" });
    const digits = fc.constantFrom(AUTH, AUTH.replace("0", "1"));
    const body = fc.jsonValue().map((value) => JSON.stringify(value));
    const said = fc.tuple(text, digits, body);
    fc.assert(
      fc.property(said, said, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        assert.equal(provenText(...one) === provenText(...other), isSame);
      }),
    );
    assert.equal(provenText("/run/1", AUTH, "{}"), `/run/1\n${AUTH}\n{}`);
  });

  it("takes each reply that it writes, and no other error than a name", () => {
    for (const reply of [{ bytes: 0 }, { bytes: 65_527 }, { error: "EMSGSIZE" }]) {
      assert.deepEqual(parseReply(formatReply(reply)), reply);
    }
    for (const bytes of [-1, 1.5, 65_528, Number.NaN]) {
      assert.equal(parseReply(formatReply({ bytes })), undefined, String(bytes));
    }
    for (const error of ["", "a sentence", "E\u001b[31m", "E".repeat(42)]) {
      assert.equal(parseReply(formatReply({ error })), undefined, error);
    }
  });

  it("throws on nothing, and takes no field that is not as it should be", () => {
    const wrong = fc.oneof(
      fc.anything(),
      fc.constantFrom(-1, 0, 65_536, 1.5, "1", "", null, [], {}, "x".repeat(200)),
    );
    const field = fc.constantFrom("v", "do", "socket", "local", "address", "port", "payload");
    fc.assert(
      fc.property(requests, field, wrong, (request, name, value) => {
        const message = JSON.stringify({ ...JSON.parse(formatRequest(request)), [name]: value });
        const parsed = parseRequest(message);
        if (!parsed) return;
        // What is taken all the same is exactly what it says.
        const said = JSON.parse(message) as object;
        assert.deepEqual({ ...said, ...JSON.parse(formatRequest(parsed)) }, said);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => assert.equal(parseRequest(text), undefined)));
    fc.assert(fc.property(fc.json(), (text) => assert.equal(parseReply(text), undefined)));
    for (const text of ["null", "1", '"v"', "[1]", "{}", '{"bytes":1}', '{"v":1,"bytes":1}']) {
      assert.equal(parseReply(text), undefined, text);
    }
  });

  it("takes no socket without a name or a number, no name of more than an address, and no port but a port's", () => {
    const send = {
      ...{ v: 2, do: "send", socket: 1, local: "127.0.0.1:9" },
      ...{ address: "127.0.0.1", port: 9, payload: "00" },
    };
    const isTaken = (fields: object) =>
      parseRequest(JSON.stringify({ ...send, ...fields })) !== undefined;
    for (const good of [
      {},
      { socket: Number.MAX_SAFE_INTEGER },
      { local: "x".repeat(100) },
      { port: 1 },
      { port: 65_535 },
      { payload: "" },
      { address: "::1" },
      { address: `::1%${"x".repeat(56)}` },
    ]) {
      assert.ok(isTaken(good), JSON.stringify(good));
    }
    for (const bad of [
      { v: 1 },
      { socket: 0 },
      { socket: 2 ** 53 },
      { local: "" },
      { local: 9 },
      { local: undefined },
      { local: "x".repeat(101) },
      { port: 0 },
      { port: 65_536 },
      { address: `::1%${"x".repeat(57)}` },
      { payload: "0" },
      { payload: undefined },
      { do: "exit" },
    ]) {
      assert.ok(!isTaken(bad), JSON.stringify(bad));
    }
  });

  it("names a socket by the process, and the thread where it is another than the main one", () => {
    assert.equal(controlPath("/run/uwb-x/", 42, 0), "/run/uwb-x/42");
    assert.equal(controlPath("/run/uwb-x/", 42, 3), "/run/uwb-x/42.3");
  });
});
