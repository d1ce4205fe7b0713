import assert from "node:assert/strict";
import { COPY_AS } from "../../../../extension/core/export/copy_as.ts";
import { hexdump } from "../../../../extension/core/text/hexdump.ts";
import { importRequests } from "../../../../extension/host/requests/request_import.ts";
import { eachKnown, parseRequests, payloadOf } from "../../../../scripts/udp_run.ts";

/** What a text sends once it is imported: where to, and its bytes. */
function sent(text: string): string[] {
  const file = parseRequests(importRequests(text) ?? "");
  assert.deepEqual(file.problems, []);
  const found: string[] = [];
  eachKnown(file, new Map(), (_block, step, context) => {
    if (step.kind !== "send") return;
    const to = step.target.map((part) => (part.kind === "word" ? part.text : "")).join("");
    found.push(`${to} ${payloadOf(step.payload, context).toString("hex")}`);
  });
  return found;
}

const PAYLOADS = ["hello", 'a "b" \\ {{c}}', "\x00\xff\n", "é"].map((text) =>
  Uint8Array.from(Buffer.from(text, text === "é" ? "utf8" : "latin1")),
);
const DATAGRAMS = PAYLOADS.map((payload) => ({
  time: 0,
  source: { address: "127.0.0.1", port: 1 },
  destination: { address: "127.0.0.1", port: 9999 },
  length: payload.length,
  payload,
}));
const EXPECTED = PAYLOADS.map(
  (payload) => `127.0.0.1:9999 ${Buffer.from(payload).toString("hex")}`,
);

describe("what is imported as requests", () => {
  for (const format of ["client", "nc"] as const) {
    it(`has the bytes of what is copied as ${format}`, () => {
      assert.deepEqual(sent(COPY_AS[format](DATAGRAMS)), EXPECTED);
    });
  }

  it("has the packets of Packet Sender, from JSON and from ini, but for those of TCP", () => {
    const packet = {
      name: "Ping\n### x",
      toIP: "::1",
      port: 7,
      hexString: "50 69 6E",
      tcpOrUdp: "UDP",
    };
    const json = [packet, { ...packet, tcpOrUdp: "TCP" }, { ...packet, hexString: "zz" }, 7, null];
    assert.deepEqual(sent(JSON.stringify(json)), ["[::1]:7 50696e"]);
    const ini = `[Ping%20it]
fromIP=You
hexString=50 69 6e
port=7
tcpOrUdp=UDP
toIP=127.0.0.1

[Web]
hexString=47
port=80
tcpOrUdp=TCP
toIP=127.0.0.1
`;
    assert.deepEqual(sent(ini), ["127.0.0.1:7 50696e"]);
    assert.match(importRequests(ini) ?? "", /^### Ping it$/m);
  });

  it("has what people type", () => {
    assert.deepEqual(sent("$ echo -n 'hi there' | nc -u localhost 9999"), [
      "localhost:9999 6869207468657265",
    ]);
    assert.deepEqual(sent("echo hi | nc -u -w1 10.0.0.1 53"), ["10.0.0.1:53 68690a"]);
    assert.deepEqual(sent(`printf '\\x01\\x02' | ncat -u 127.0.0.1 9`), ["127.0.0.1:9 0102"]);
    assert.deepEqual(sent("npx tsx udp_client.ts --port 9 one two"), [
      "127.0.0.1:9 6f6e65",
      "127.0.0.1:9 74776f",
    ]);
  });

  it("has the bytes of a hex dump, as a payload", () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, at) => at * 5);
    for (const dump of [hexdump(bytes), hexdump(bytes).replaceAll(/^(\w{4})/gm, "0000$1:")]) {
      const text = importRequests(dump) ?? "";
      const { blocks, problems } = parseRequests(`###\nSEND :9\n${text}\n`);
      assert.deepEqual(problems, []);
      const [step] = blocks[0]?.steps ?? [];
      assert.ok(step?.kind === "send");
      const context = { names: new Map(), seq: 1, folder: "." };
      assert.deepEqual(Uint8Array.from(payloadOf(step.payload, context)), bytes);
    }
  });

  it("leaves everything else as it is", () => {
    for (const text of ["", "hello", "### a\nSEND :9\nhex 40 01\n", "[1, 2]", '{"a": 1}', "hex 40"])
      assert.equal(importRequests(text), undefined, text);
  });
});
