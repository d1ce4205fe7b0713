import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { printableBytes } from "../../../extension/core/text/printable.ts";
import { sharedBrowser } from "./browser.ts";
import type { FakeDatagram } from "./fake_host.ts";
import { bundlePage, openPage } from "./page.ts";
import { clickRow, detailShown, rowShown } from "./rows.ts";

const utf8 = new TextEncoder();

const payloads = {
  markup: utf8.encode(
    '<img src=x onerror="window.hacked=true"><script>window.hacked=true</script>',
  ),
  escapes: utf8.encode("\x1b]52;c;aGFja2Vk\x07\x1b[6n\u009b6n\u202e"),
  icon: utf8.encode("$(bell) {0} $hacked"),
  large: new Uint8Array(65_507).fill(0x41),
  empty: new Uint8Array(),
  invalid: Uint8Array.from([0xff, 0xfe, 0xc3, 0x28, 0x00, 0x80]),
  lines: utf8.encode("one\r\ntwo\n\tthree\rfour"),
};
const names = Object.keys(payloads) as (keyof typeof payloads)[];

describe("the datagrams page and hostile payloads", function () {
  // A browser on a busy machine, which may have to be unpacked first.
  this.timeout(180_000);
  let page: Page;
  const problems: string[] = [];

  const datagrams: FakeDatagram[] = names.map((name) => ({
    payload: [...payloads[name]],
    length: payloads[name].length,
    preview: printableBytes(payloads[name], { limit: 200 }),
    // A host that forgets to escape must do no harm either.
    note: name === "markup" ? '<b onclick="window.hacked=true">note</b>' : "",
    peer: name === "markup" ? "<i>peer</i>:1" : "127.0.0.1:53211",
  }));
  const position = (name: keyof typeof payloads) => names.indexOf(name);
  const select = async (name: keyof typeof payloads, tab: "text" | "hex") => {
    await clickRow(page, position(name));
    await detailShown(page, `${position(name) + 1} · `);
    await page.click(`#tab-${tab}`);
  };
  const panel = (tab: "text" | "hex") => page.textContent(`#panel-${tab}`);
  /** The columns of the dump. */
  const dump = () => page.locator("#panel-hex .column").allTextContents();

  before(async () => {
    const [browser, bundle] = await Promise.all([sharedBrowser(), bundlePage()]);
    page = await openPage(browser, bundle, { datagrams, width: 900, height: 700 });
    page.on("console", (message) => problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    await rowShown(page, names.length - 1);
  });
  after(() => page?.context().close());

  it("shows them as text in the rows", async () => {
    for (const [index, { preview }] of datagrams.entries()) {
      await rowShown(page, index, names[index] === "empty" ? "No payload" : preview);
    }
  });

  it("makes nothing of their markup, and breaks no rule of the content security policy", async () => {
    for (const name of names) {
      for (const tab of ["text", "hex"] as const) {
        await select(name, tab);
        assert.equal(await page.locator("main :is(img, script, b, i)").count(), 0);
      }
    }
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.deepEqual(problems, []);
  });

  it("shows text with its line breaks, and everything else that is unprintable escaped", async () => {
    await select("lines", "text");
    assert.equal(await panel("text"), "one\ntwo\n\\tthree\\rfour");
    await select("escapes", "text");
    assert.equal(await panel("text"), "\\x1b]52;c;aGFja2Vk\\x07\\x1b[6n\\u{9b}6n\\u{202e}");
    await select("icon", "text");
    assert.equal(await panel("text"), "$(bell) {0} $hacked");
    await select("invalid", "text");
    assert.equal(await panel("text"), "\\xff\\xfe\\xc3(\\x00\\x80");
  });

  it("dumps bytes", async () => {
    await select("invalid", "hex");
    assert.deepEqual(await dump(), ["0000", "ff fe c3 28 00 80", "...(.."]);
  });

  it("says that there is no payload", async () => {
    await select("empty", "text");
    assert.equal(await panel("text"), "No payload");
    assert.match((await page.textContent(".detail h2")) ?? "", /· 0 bytes$/);
    await page.click("#tab-hex");
    assert.equal(await panel("hex"), "No payload");
  });

  it("says how much of a payload was captured", async () => {
    await select("icon", "text");
    await page.evaluate((id) => {
      const row = {
        id,
        time: 0,
        direction: "in",
        local: "a:1",
        peer: "b:2",
        length: 1024,
      } as const;
      const detail = {
        row: { ...row, preview: "", note: "", isAnomaly: false, delta: 0 },
        program: "",
        payload: new Uint8Array(5),
        facts: [],
        changedBytes: [],
        commands: [],
      };
      window.fakeHost.send({ type: "detail", id, detail });
    }, position("icon"));
    await page.waitForSelector(".cut");
    assert.equal(await page.textContent(".cut"), "Showing the first 5 of 1,024 bytes");
  });

  for (const tab of ["text", "hex"] as const) {
    it(`opens 65,507 bytes as ${tab} within 50 ms, all of them`, async () => {
      await select("large", tab);
      const times = await page.evaluate(
        async ([id, name]) => {
          const result: number[] = [];
          // Five times, and on a machine that was busy all the while five times more.
          const isOver = (round: number) =>
            round % 5 === 0 && (Math.min(...result) < 50 || round >= 50);
          for (let round = 0; !isOver(round); round++) {
            const payload = new Uint8Array(65_507).fill(0x41 + (round % 5));
            const row = { id, time: 0, direction: "in", local: "a:1", peer: "b:2", length: 65_507 };
            const detail = {
              row: { ...row, preview: "", note: "", isAnomaly: false, delta: 0 },
              program: "",
              payload,
              facts: [],
              commands: [],
            };
            const start = performance.now();
            window.dispatchEvent(
              new MessageEvent("message", { data: { type: "detail", id, detail } }),
            );
            // Until the frame with it is laid out and painted.
            await new Promise<void>((done) => {
              requestAnimationFrame(() => {
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = () => done();
                port2.postMessage(0);
              });
            });
            result.push(performance.now() - start);
            if (!document.querySelector(`#panel-${name} pre`)) throw new Error("nothing shown");
          }
          return result;
        },
        [position("large"), tab] as const,
      );
      // The machine may be busy; the page was fast enough if it was so once.
      assert.ok(Math.min(...times) < 50, `${times.map(Math.round)} ms`);
      if (tab === "text") {
        assert.ok((await panel("text")) === "E".repeat(65_507));
      } else {
        const ends = [/ffe0$/, /45 45 45$/, /EEE$/];
        for (const [index, column] of (await dump()).entries()) {
          assert.match(column.slice(-20), ends[index] ?? /^(?!)/);
        }
      }
      const scrolled = await page.evaluate((name) => {
        const element = document.querySelector(`#panel-${name}`);
        element?.scrollTo(0, element.scrollHeight);
        return element?.scrollTop ?? 0;
      }, tab);
      assert.ok(scrolled > 1000, `scrolls ${scrolled} px`);
    });
  }
});
