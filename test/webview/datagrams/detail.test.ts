import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { hexdump } from "../../../extension/core/text/hexdump.ts";
import { violations } from "./accessibility.ts";
import { type PageOptions, takePicture } from "./page.ts";
import { clickRow, detailShown, nextFrame, received, rowShown } from "./rows.ts";
import { samples } from "./samples.ts";
import { WebviewSuite } from "./suite.ts";
import { type ThemeName, themes } from "./themes.ts";

/** Positions of the samples. */
const DNS = 0;
const JSON_TEXT = 1;
const LOST = 2;
const NO_COAP = 3;

describe("the selected datagram", function () {
  // A browser on a busy machine, which may have to be unpacked first.
  this.timeout(180_000);
  const webview = WebviewSuite.here();
  let page: Page;

  const open = async (options: PageOptions = {}) => {
    page = await webview.open({
      width: 900,
      height: 700,
      datagrams: samples,
      ...options,
    });
    await rowShown(page, 0);
  };
  const select = async (position: number, tab?: string) => {
    await clickRow(page, position);
    await detailShown(page, `${position + 1} · `);
    if (tab) await page.click(`#tab-${tab}`);
    await nextFrame(page);
  };
  const tabs = () => page.locator("[role=tab]:visible").allTextContents();
  /** The texts that are marked as selected bytes, from left to right. */
  const marked = () =>
    page.evaluate(() =>
      [...(CSS.highlights.get("bytes") ?? [])]
        .filter((range) => (range as Range).getClientRects().length > 0)
        .map(String),
    );
  const field = (name: string) => page.getByRole("treeitem", { name: new RegExp(`^${name}\\b`) });
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");

  describe("tabs", () => {
    it("offer JSON and a protocol only where the payload is that", async () => {
      await open();
      await select(DNS);
      assert.deepEqual(await tabs(), ["Text", "Hex", "DNS"]);
      await select(JSON_TEXT);
      assert.deepEqual(await tabs(), ["Text", "Hex", "JSON"]);
      await select(LOST);
      assert.deepEqual(await tabs(), ["Text", "Hex"]);
      await select(NO_COAP);
      assert.deepEqual(await tabs(), ["Text", "Hex", "CoAP"]);
    });

    it("show the one that was chosen whenever it is there, and else the text", async () => {
      await open();
      await select(JSON_TEXT, "json");
      await select(LOST);
      assert.equal(await page.isVisible("#panel-text"), true);
      await select(JSON_TEXT);
      assert.equal(await page.isVisible("#panel-json"), true);
      assert.equal(await page.isVisible("#panel-text"), false);
    });

    it("move with the arrow keys over those that there are", async () => {
      await open();
      await select(DNS);
      await page.focus("#tab-text");
      await page.keyboard.press("ArrowLeft");
      assert.equal(await focused(), "DNS");
      await page.keyboard.press("ArrowRight");
      assert.equal(await focused(), "Text");
      await page.keyboard.press("End");
      assert.equal(await page.isVisible("#panel-decoded"), true);
    });

    it("indent JSON", async () => {
      await open();
      await select(JSON_TEXT, "json");
      const text = (await page.locator("#panel-json pre").allTextContents()).join("\n");
      assert.match(text, /^\{\n {2}"sensor": "t1",\n {2}"values": \[\n {4}21\.4,/);
    });
  });

  describe("bytes", () => {
    /** Drags over characters of a column, as with the mouse. */
    const drag = async (column: string, from: number, to: number) => {
      const point = async (offset: number) =>
        page.evaluate(
          ([name, at]) => {
            const text = document.querySelector(`#panel-hex .${name} pre`)?.firstChild;
            if (!text) throw new Error("no such column");
            const range = document.createRange();
            range.setStart(text, at);
            range.setEnd(text, at + 1);
            const { left, top, height } = range.getBoundingClientRect();
            return { x: left + 1, y: top + height / 2 };
          },
          [column, offset] as const,
        );
      const [start, end] = [await point(from), await point(to)];
      await page.mouse.move(start.x, start.y);
      await page.mouse.down();
      await page.mouse.move((start.x + end.x) / 2, end.y);
      await page.mouse.move(end.x, end.y);
      await page.mouse.up();
      // The browser tells of a selection a moment after it has changed.
      await nextFrame(page);
    };

    it("that are selected as digits are marked as text, and the other way round", async () => {
      await open();
      await select(NO_COAP, "hex");
      await drag("hex", 3, 11); // "69 63 68"
      assert.deepEqual(await marked(), ["69 63 68", "ich"]);
      await drag("text", 0, 2);
      assert.deepEqual(await marked(), ["4d 69", "Mi"]);
    });

    it("are marked by a click", async () => {
      await open();
      await select(NO_COAP, "hex");
      await drag("text", 4, 4);
      assert.deepEqual(await marked(), ["61", "a"]);
    });

    it("are marked over several lines, without what stands beside them", async () => {
      await open({ width: 330 });
      await select(JSON_TEXT, "hex");
      // From the seventh byte of the first line of eight to the first of the second.
      await drag("hex", 18, 26);
      const [digits, text] = await marked();
      assert.equal(digits, "6f 72\n22");
      assert.equal(text, 'or\n"');
    });

    it("are copied as what they are, not as the lines that they stand on", async () => {
      await open({ width: 330 });
      await select(JSON_TEXT, "hex");
      const copied = () =>
        page.evaluate(() => {
          const data = new DataTransfer();
          const event = new ClipboardEvent("copy", {
            bubbles: true,
            clipboardData: data,
            cancelable: true,
          });
          document.getSelection()?.anchorNode?.parentElement?.dispatchEvent(event);
          return data.getData("text/plain");
        });
      await drag("hex", 18, 26);
      assert.equal(await copied(), "6f 72 22");
      await drag("text", 2, 10);
      assert.equal(await copied(), 'sensor"');
    });

    it("are selected with the keyboard, and said", async () => {
      await open();
      await select(NO_COAP, "hex");
      await page.focus("#panel-hex");
      const press = async (key: string) => {
        await page.keyboard.press(key);
        return (await marked())[1];
      };
      assert.equal(await press("ArrowRight"), "M");
      assert.equal(await press("ArrowRight"), "i");
      assert.equal(await page.textContent(".dump [aria-live]"), "0001: 69, i");
      assert.equal(await press("Shift+ArrowRight"), "ic");
      assert.equal(await page.textContent(".dump [aria-live]"), "0001 to 0002: 2 bytes");
      assert.equal(await press("Shift+End"), "ichael");
      assert.equal(await press("Shift+Home"), "Mi");
      assert.equal(await press("Control+End"), "l");
      assert.equal(await press("ArrowDown"), "l");
      assert.equal(await press("Control+a"), "Michael");
      await page.keyboard.press("Escape");
      assert.deepEqual(await marked(), []);
      assert.equal(await page.evaluate(() => document.activeElement?.id), "panel-hex");
      await page.keyboard.press("Escape");
      assert.equal(await page.evaluate(() => document.activeElement?.className), "grid");
    });

    it("stay selected from one tab to the other", async () => {
      await open();
      await select(LOST, "hex");
      await drag("text", 0, 5);
      await page.click("#tab-text");
      await nextFrame(page);
      assert.deepEqual(await marked(), ["Hello"]);
      await page.evaluate(() => {
        const text = document.querySelector("#panel-text pre")?.firstChild;
        if (text) document.getSelection()?.setBaseAndExtent(text, 7, text, 14);
      });
      await page.click("#tab-hex");
      await nextFrame(page);
      assert.equal(
        (await marked())[1]?.replaceAll("\n", ""),
        "Tracy!.",
        "the line feed is a byte, too",
      );
      await select(NO_COAP);
      assert.deepEqual(await marked(), [], "another payload");
    });
  });

  describe("decoded", () => {
    it("is a tree whose fields mark their bytes, as a click and as keys choose them", async () => {
      await open();
      await select(DNS, "decoded");
      assert.equal(await page.textContent("#panel-decoded .summary"), "query A example.org");
      await field("question").click();
      assert.equal((await marked())[1]?.replaceAll("\n", ""), ".example.org.....");
      assert.equal(await field("question").getAttribute("aria-selected"), "true");
      await page.keyboard.press("ArrowDown");
      assert.equal(await focused(), "name: example.org");
      assert.equal((await marked())[1]?.replaceAll("\n", ""), ".example.org.");
      await page.keyboard.press("ArrowLeft");
      assert.equal(await focused(), "question: example.org A");
      await page.keyboard.press("ArrowLeft");
      assert.equal(await field("question").getAttribute("aria-expanded"), "false");
      assert.equal(await field("type").count(), 0);
      assert.equal(await focused(), "question: example.org A");
      await page.keyboard.press("Home");
      assert.equal(await focused(), "id: 0x1ca2");
      await page.keyboard.press("End");
      await page.keyboard.press("ArrowRight");
      assert.equal(await field("type").count(), 1);
      await page.keyboard.press("ArrowRight");
      assert.equal(await focused(), "name: example.org");
    });

    it("tells of each field how deep it lies and which of how many it is", async () => {
      await open();
      await select(DNS, "decoded");
      const facts = await field("rd").evaluate(({ ariaLevel, ariaPosInSet, ariaSetSize }) => [
        ariaLevel,
        ariaPosInSet,
        ariaSetSize,
      ]);
      assert.deepEqual(facts, ["2", "2", "3"]);
      assert.equal(await page.locator("[role=tree] [tabindex='0']").count(), 1);
    });

    it("finds the field of a byte", async () => {
      await open({ width: 1280 });
      await select(DNS, "decoded");
      await page.focus(".bytes");
      await page.keyboard.press("Control+End");
      assert.equal(await page.textContent(".field[aria-selected='true']"), "class: IN");
    });

    it("keeps closed what was closed, for the next datagram as well", async () => {
      await open({ datagrams: [samples[DNS] ?? {}, samples[DNS] ?? {}] });
      await select(0, "decoded");
      await field("flags").click();
      await page.keyboard.press("ArrowLeft");
      await select(1);
      assert.equal(await field("flags").getAttribute("aria-expanded"), "false");
      assert.equal(await field("question").getAttribute("aria-expanded"), "true");
    });

    it("says why it is none, and shows the bytes", async () => {
      await open({ width: 330 });
      await select(NO_COAP, "decoded");
      const { decoded } = samples[NO_COAP] ?? {};
      assert.ok(decoded && "problem" in decoded);
      assert.equal(await page.textContent("#panel-decoded .cut"), decoded.problem);
      assert.equal(await page.locator("[role=tree]").isVisible(), false);
      assert.equal(await page.textContent("#panel-decoded .text"), "Michael");
    });

    it("comes to the front when another decoder was chosen", async () => {
      await open();
      await select(NO_COAP, "text");
      await page.evaluate((id) => {
        const row = {
          id,
          time: 0,
          direction: "in" as const,
          local: "a:1",
          peer: "b:2",
          length: 7,
          preview: "",
          note: "",
          isAnomaly: false,
          delta: 0,
        };
        const payload = new TextEncoder().encode("Michael");
        const decoded = {
          protocol: "OSC",
          origin: "chosen",
          summary: "",
          decoder: "dns",
          fields: [],
        };
        window.fakeHost.send({
          type: "detail",
          id,
          detail: { row, program: "", payload, facts: [], changedBytes: [], commands: [], decoded },
        });
      }, NO_COAP);
      await page.getByRole("tab", { name: "OSC", selected: true }).waitFor();
    });

    it("has a menu at each field, which filters, makes a column of it and copies", async () => {
      await open();
      await select(DNS, "decoded");
      const menu = page.getByRole("menu", { name: "Field" });
      const choose = async (name: RegExp, item: string) => {
        await field(name.source).first().click({ button: "right" });
        await menu.getByText(item, { exact: true }).click();
        assert.equal(await menu.count(), 0);
      };
      await choose(/rd/, "Copy Value");
      assert.equal((await received(page, "copy")).at(-1)?.text, "recursion desired");
      await choose(/rd/, "Copy Path");
      assert.equal((await received(page, "copy")).at(-1)?.text, "flags.rd");
      await choose(/type/, "Add as Column");
      assert.deepEqual((await received(page, "columns")).at(-1)?.fields, ["dns.question.type"]);
      await choose(/type/, "Plot");
      assert.equal((await received(page, "plot")).at(-1)?.field, "dns.question.type");
      // By the keyboard, at the field that has the focus.
      await field("class").click();
      await page.keyboard.press("Shift+F10");
      await menu.waitFor();
      await page.keyboard.press("End");
      await page.keyboard.press("Enter");
      assert.equal((await received(page, "copy")).at(-1)?.text, "question.class");
      assert.match(await focused(), /^class/);
      const filters = async () => (await received(page, "filter")).map(({ text }) => text);
      await choose(/id/, "Filter by");
      assert.equal((await filters()).at(-1), "dns.id == 0x1ca2");
    });

    it("is narrowed by the opposite of a field as well, beside the filter that there is", async () => {
      await open();
      await page.getByRole("combobox").first().fill("1c");
      await select(DNS, "decoded");
      await field("type").first().click({ button: "right" });
      await page.getByText("Filter out", { exact: true }).click();
      const filters = (await received(page, "filter")).map(({ text }) => text);
      assert.equal(filters.at(-1), "1c && !(dns.question.type == A)");
    });

    it("asks for another decoder", async () => {
      await open();
      await select(NO_COAP, "decoded");
      const panel = page.locator("#panel-decoded");
      await panel.getByRole("button", { name: "Decode As..." }).click();
      assert.deepEqual(await received(page, "command"), [
        { type: "command", command: "decodeAs", id: NO_COAP },
      ]);
    });
  });

  describe("what a rule has changed", () => {
    const CHANGED = 0;
    const other = { payload: [1, 2, 3], length: 3, preview: "01 02 03", isHex: true };
    const corrupted = {
      payload: Array.from({ length: 20 }, (_, at) => at),
      length: 20,
      isHex: true,
      preview: "00 01 02",
      byRule: "corrupted" as const,
      note: "corrupted, delayed 47 ms",
      changedBytes: [10, 19, 400],
    };
    /** What the dump marks as that, from left to right. */
    const changed = () =>
      page.evaluate(() => [...(CSS.highlights.get("changed") ?? [])].map(String));

    it("is marked in the dump, as digits and as text, at every width, and not in the next datagram", async () => {
      await open({ datagrams: [corrupted, other] });
      await select(CHANGED, "hex");
      assert.deepEqual(await changed(), ["0a", ".", "13", "."]);
      await page.setViewportSize({ width: 300, height: 700 });
      await nextFrame(page);
      assert.deepEqual(await changed(), ["0a", ".", "13", "."]);
      await select(1);
      assert.deepEqual(await changed(), []);
    });

    it("is marked when it is known later, and what is selected stays so", async () => {
      await open({ datagrams: [{ ...corrupted, changedBytes: [] }] });
      await select(CHANGED, "hex");
      await page.focus("#panel-hex");
      for (const _ of "01") await page.keyboard.press("ArrowRight");
      assert.deepEqual([await changed(), await marked()], [[], ["01", "."]]);
      await page.evaluate((bytes) => {
        const ends = { direction: "in", local: "a:1", peer: "b:2" } as const;
        const row = {
          id: 0,
          time: 0,
          ...ends,
          length: 20,
          preview: "",
          note: "",
          isAnomaly: false,
        };
        const detail = {
          row: { ...row, delta: 0 },
          program: "",
          payload: Uint8Array.from(bytes),
          facts: [],
          changedBytes: [1],
          commands: [],
        };
        return window.fakeHost.send({ type: "detail", id: 0, detail });
      }, corrupted.payload);
      assert.deepEqual(
        [await changed(), await marked()],
        [
          ["01", "."],
          ["01", "."],
        ],
      );
      await page.keyboard.press("ArrowLeft");
      assert.equal(await page.textContent(".dump [aria-live]"), "0000: 00, \\x00");
      await page.keyboard.press("ArrowRight");
      assert.equal(
        await page.textContent(".dump [aria-live]"),
        "0001: 01, \\x01, changed by a rule",
      );
    });
  });

  describe("in a low view", () => {
    // What a side bar and an editor have at 150 % zoom on a small screen.
    for (const [width, height] of [
      [250, 300],
      [300, 295],
      [300, 220],
      [600, 240],
      [853, 260],
    ] as const) {
      it(`shows its row, and what it says, at ${width} x ${height} px`, async () => {
        await open({ width, height });
        await select(LOST, "hex");
        const seen = await page.evaluate(() => {
          /** Whether it is in view, and nothing lies over it but the edge of a splitter. */
          const isSeen = (box: DOMRect | undefined) =>
            box !== undefined &&
            [box.top + 5, box.bottom - 5].every((y) => {
              const hit = document.elementFromPoint(box.left + 3, y);
              return hit?.closest(".panel, .row") != null;
            });
          const text = document.querySelector("#panel-hex .hex pre")?.firstChild;
          if (!text) return [];
          const range = document.createRange();
          range.setStart(text, 0);
          range.setEnd(text, 5);
          const row = document.querySelector('.row[aria-selected="true"]');
          return [isSeen(range.getBoundingClientRect()), isSeen(row?.getBoundingClientRect())];
        });
        assert.deepEqual(seen, [true, true]);
      });
    }

    it("has as much of a hex dump on a line as fits, if need be with fewer digits of the offset", async () => {
      for (const [width, first] of [
        [285, "48 65 6c 6c 6f 2c 20 54"],
        [300, "48 65 6c 6c 6f 2c 20 54"],
        [853, "48 65 6c 6c 6f 2c 20 54  72 61 63 79 21 0a 48 6f"],
      ] as const) {
        await open({ width });
        await select(LOST, "hex");
        assert.equal(
          (await page.textContent("#panel-hex .hex"))?.split("\n")[0],
          first,
          `${width}`,
        );
        await page.context().close();
      }
    });
  });

  describe("facts", () => {
    const sentences = () => page.locator(".sentence:visible").allTextContents();

    it("say in sentences what became of it; in a side bar only what is out of the ordinary", async () => {
      await open();
      await select(LOST);
      const all = (samples[LOST]?.facts ?? []).map(({ text }) => text);
      assert.deepEqual(await sentences(), all);
      await page.setViewportSize({ width: 330, height: 700 });
      assert.deepEqual(await sentences(), all.slice(0, 1));
    });

    it("lead to the row that they are about, at any width", async () => {
      const text = "udp_relay.ts passed it on to 127.0.0.1:9999, 51 ms later: delivered 40 µs.";
      const hop = { text, isAnomaly: false, row: JSON_TEXT };
      const [first, ...others] = samples;
      await open({ datagrams: [{ ...first, facts: [...(first?.facts ?? []), hop] }, ...others] });
      await select(DNS);
      await page.setViewportSize({ width: 330, height: 700 });
      assert.deepEqual(await sentences(), [text]);
      await page.getByRole("button", { name: text }).click();
      await detailShown(page, `${JSON_TEXT + 1} · `);
    });

    it("are asked for again when something became of it, and leave the view where it is", async () => {
      await open();
      await select(LOST, "hex");
      await page.focus("#panel-hex");
      await page.keyboard.press("Control+End");
      const before = (await received(page, "select")).length;
      await page.evaluate((id) => window.fakeHost.note(id, "delivered 2.0 s"), LOST);
      await page.waitForFunction(
        (count) => window.fakeHost.received.filter(({ type }) => type === "select").length > count,
        before,
      );
      await nextFrame(page);
      assert.deepEqual((await marked())[1], "?");
    });
  });

  it("has never its number above the payload of another, and leaves marked text alone", async () => {
    await open({ delay: 50 });
    await select(JSON_TEXT, "text");
    await page.evaluate(() => {
      const heading = document.querySelector(".detail h2") ?? document.body;
      const panel = document.querySelector("#panel-text");
      const seen: string[] = [];
      Object.assign(window, { seen });
      // Told once what one answer does is done.
      new MutationObserver(() => {
        seen.push(`${heading.textContent?.split(" ")[0]} ${panel?.textContent?.trim()}`);
      }).observe(heading, { childList: true, characterData: true, subtree: true });
    });
    await clickRow(page, LOST);
    await detailShown(page, `${LOST + 1} · `);
    const shown = (await page.textContent("#panel-text"))?.trim();
    await page.evaluate(() =>
      getSelection()?.selectAllChildren(document.querySelector(".detail h2") ?? document.body),
    );
    const before = (await received(page, "select")).length;
    await page.evaluate((id) => window.fakeHost.note(id, "delivered 2.0 s"), LOST);
    await page.waitForFunction(
      (count) => window.fakeHost.received.filter(({ type }) => type === "select").length > count,
      before,
    );
    await page.waitForFunction(() =>
      document.querySelector(".facts")?.textContent?.endsWith("delivered 2.0 s"),
    );
    await nextFrame(page);
    const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
    assert.deepEqual(seen, [`${LOST + 1} ${shown}`]);
    assert.equal(
      await page.evaluate(() => String(getSelection())),
      await page.textContent(".detail h2"),
    );
  });

  it("has buttons for what can be done with it", async () => {
    await open({ width: 1280 });
    await select(LOST);
    const actions = page.getByRole("group", { name: "Actions" });
    assert.deepEqual(await actions.getByRole("button").allTextContents(), [
      "Follow",
      "Reply",
      "Resend",
      "Edit and Send",
      "Decode As...",
      "Copy",
    ]);
    await actions.getByText("Reply").click();
    assert.deepEqual(await received(page, "command"), [
      { type: "command", command: "reply", id: LOST },
    ]);
    await page.setViewportSize({ width: 330, height: 700 });
    assert.deepEqual(await actions.locator("button:visible").allTextContents(), [
      "Reply",
      "Resend",
      "Copy",
    ]);
  });

  it("has its buttons on one line, beside its tabs, at every width but the smallest", async () => {
    await open();
    await select(LOST);
    for (const width of [300, 330, 639, 640, 853, 999, 1000, 1159, 1160, 1600]) {
      await page.setViewportSize({ width, height: 700 });
      await nextFrame(page);
      const tops = await page
        .locator(".actions button:visible")
        .evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect().top));
      assert.equal(new Set(tops).size, 1, `${width} px: ${tops}`);
    }
  });

  it("is copied as it is shown, or the part of it that is selected", async () => {
    await open();
    const copies = async (tab: string) => {
      await page.click(`#tab-${tab}`);
      await page.getByRole("button", { name: "Copy" }).click();
      return (await received(page, "copy")).at(-1)?.text;
    };
    await select(DNS);
    assert.equal(await copies("hex"), hexdump(Uint8Array.from(samples[DNS]?.payload ?? [])));
    assert.match(
      (await copies("decoded")) ?? "",
      /^DNS: query A example\.org\n {2}id: 0x1ca2\n {2}flags: 0x0120\n {4}qr: query\n/,
    );
    assert.equal(await page.textContent("[role=status]"), "Copied");
    await select(JSON_TEXT);
    assert.match((await copies("json")) ?? "", /^\{\n {2}"sensor": "t1",\n/);
    assert.match((await copies("text")) ?? "", /^\{"sensor":"t1",/);
    await page.click("#tab-hex");
    await page.focus("#panel-hex");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+ArrowRight");
    assert.equal(await copies("hex"), "7b 22");
    assert.equal(await copies("text"), '{"');
  });

  it("shows a conversation that is followed, and the ways to read it and out of it", async () => {
    await open();
    await page.evaluate((conversation) => {
      window.fakeHost.send({ type: "conversation", conversation });
    }, conversation);
    const strip = page.getByRole("region", { name: "Conversation" });
    await strip.waitFor();
    assert.match(
      (await strip.textContent()) ?? "",
      /3 requests, 3 answers, 0 lost, median 0\.4 ms/,
    );
    for (const name of ["Text", "Hex", "Close"]) await strip.getByRole("button", { name }).click();
    assert.deepEqual(
      (await received(page, "conversation")).map(({ action }) => action),
      ["text", "hex", "close"],
    );
    await page.evaluate(() => window.fakeHost.send({ type: "conversation" }));
    await strip.waitFor({ state: "hidden" });
  });

  for (const theme of Object.keys(themes) as ThemeName[]) {
    for (const width of [250, 330, 900, 1280]) {
      it(`looks right in ${theme} at ${width} px`, async () => {
        const isWide = width > 500;
        await open({ theme, width, height: isWide ? 520 : 700, inEditor: isWide });
        const look = async (name: string) => {
          await nextFrame(page);
          await takePicture(page, `detail-${theme}-${width}-${name}`);
          assert.deepEqual(await violations(page), [], name);
        };
        await select(DNS, "decoded");
        await field("question").click();
        await look("decoded");
        await select(JSON_TEXT, "hex");
        await page.focus("#panel-hex");
        await page.keyboard.press("ArrowRight");
        await page.keyboard.press("Shift+ArrowDown");
        await look("hex");
        await select(LOST, "text");
        await page.evaluate((conversation) => {
          window.fakeHost.send({ type: "conversation", conversation });
        }, conversation);
        await page.waitForSelector(".conversation:visible");
        await look("lost");
        if (width !== 250 && width !== 1280) return;
        await select(NO_COAP, "decoded");
        await look("problem");
        await select(JSON_TEXT, "json");
        await look("json");
      });
    }
  }
});

const conversation = {
  title: "127.0.0.1:53211 ⇄ 127.0.0.1:9999",
  text: "3 requests, 3 answers, 0 lost, median 0.4 ms, p99 0.9 ms",
  explanation:
    "Times from sending to receiving at 127.0.0.1:53211, the way there and back included.",
};
