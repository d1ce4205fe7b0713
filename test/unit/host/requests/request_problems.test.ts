import assert from "node:assert/strict";
import { parseRequests, type Result, runRequests } from "../../../../scripts/udp_run.ts";
import { Stranger } from "../../../support/script_socket.ts";
import { readText } from "../../support/markdown.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

standInForVscode();
const vscode = await import("vscode");
const { failureText } = await import("../../../../extension/host/requests/request_problems.ts");

const chinese = JSON.parse(readText("extension/l10n/bundle.l10n.zh-cn.json"));
const english = vscode.l10n.t;

describe("why a block of a request file has failed, in the editor's language", () => {
  before(() => {
    const t = (text: string, ...values: string[]) =>
      (chinese[text] as string).replace(/\{(\d)\}/g, (_, index) => values[Number(index)] ?? "");
    Object.assign(vscode.l10n, { t });
  });
  after(() => void Object.assign(vscode.l10n, { t: english }));

  it("is told as a whole, with the sentences within it", async () => {
    const device = await Stranger.bind((data) => data);
    const text = `### a
SEND 127.0.0.1:${device.port}
"x"
EXPECT 1 within 20s
length == 8
u16be[4] > 1
text == "y"
### b
SEND 192.0.2.1:9
"x"
`;
    const results: Result[] = [];
    await runRequests(parseRequests(text), {
      vars: new Map(),
      tags: [],
      timeoutMs: 20_000,
      bail: false,
      allowed: [],
      onResult: (result) => results.push(result),
    });
    device.close();
    assert.deepEqual(
      results.flatMap(({ failures }) => failures.map(failureText)),
      [
        "期望 8 字节，收到 1 字节",
        "期望 u16be[4] > 1，但是u16be[4] 占 2 字节，而只有 0 字节",
        '期望 text == "y"，收到 "x"',
        "没有向 192.0.2.1:9 发送任何内容，它不是本机：请用 --allow 192.0.2.1 允许",
      ],
    );
  });

  it("has what a definition says in it, and what has no code as it is", () => {
    const why = (key: string, text: string, ...given: string[]) =>
      ({ code: "misfit", given, key, text }) as const;
    const told = (code: "misfit" | "unwritable", inner: ReturnType<typeof why>) =>
      failureText({ message: "", said: { code, given: ["sensor", inner] } });
    const bytes = why("fit.bytesLeft", "2 bytes left, big needs 8", "2", "big", "8");
    assert.match(told("misfit", bytes), /^载荷不符合 sensor：.*2.*big.*8[^。]*$/);
    const range = why("encode.outOfRange", "x is 9, and holds 0 to 7", "x", "9", "0", "7");
    assert.match(told("unwritable", range), /^sensor 不能这样写：.*x.*9.*0.*7/);
    assert.match(told("misfit", why("none.such", "it is so")), /：it is so$/);
    assert.equal(failureText({ message: "it is \\u{1b} so" }), "it is \\u{1b} so");
  });
});
