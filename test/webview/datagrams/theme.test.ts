import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { printableBytes } from "../../../extension/core/text/printable.ts";
import { violations } from "./accessibility.ts";
import type { FakeDatagram } from "./fake_host.ts";
import { takePicture } from "./page.ts";
import { clickRow, detailShown, nextFrame, rowShown, settled } from "./rows.ts";
import { samples } from "./samples.ts";
import { showFields } from "./saved_columns.ts";
import { WebviewSuite } from "./suite.ts";
import { type ThemeName, themes } from "./themes.ts";

const utf8 = new TextEncoder();

function datagram(
  direction: FakeDatagram["direction"],
  text: string,
  more: FakeDatagram = {},
): FakeDatagram {
  const payload = [...utf8.encode(text)];
  const preview = printableBytes(Uint8Array.from(payload), { limit: 200 });
  return { ...(direction && { direction }), payload, preview, length: payload.length, ...more };
}

/** The first lesson, and what else a capture may hold. */
const lesson = [
  datagram("in", "Michael", { note: "delivered 0.2 ms" }),
  datagram("out", "Hello, Michael!", { note: "delivered 0.1 ms" }),
  datagram("in", "Tracy"),
  datagram("out", "Hello, Tracy!", { note: "send failed: EMSGSIZE", isAnomaly: true }),
  datagram("in", "Sarah"),
  datagram("out", "Hello, Sarah!"),
  datagram("in", ""),
  datagram("out", "\x1b]52;c;QQ==\x07 <img src=x onerror=alert(1)>", {
    local: "[fe80::1ff:fe23:4567:890a]:5683",
    peer: "[2001:db8:85a3::8a2e:370:7334]:40112",
  }),
  datagram("unknown", "x".repeat(65_507), { note: "476 bytes cut", isAnomaly: true }),
  datagram("in", '{"sensor":"t1","c":21.4}', {
    local: "0.0.0.0:5683",
    peer: "192.168.178.142:53300",
  }),
];

/** A tracker whose receiver has a bad network: what rules do to rows, and one that is lost beside them. */
const sample = (seq: number, more: FakeDatagram): FakeDatagram => {
  const payload = new Uint8Array(20);
  const view = new DataView(payload.buffer);
  view.setUint16(0, 7, true);
  view.setUint16(2, 1, true);
  view.setUint32(4, seq, true);
  view.setFloat32(8, 22.2, true);
  view.setFloat32(12, 3.28, true);
  view.setUint32(16, seq * 20, true);
  const preview = Array.from(payload, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const ends = { local: "127.0.0.1:6006", peer: "127.0.0.1:5005", direction: "out" } as const;
  return { ...ends, payload: [...payload], preview, isHex: true, length: 20, ...more };
};
const DROPPED = 1;
const LOST = 3;
const CORRUPTED = 4;
const ruled: readonly FakeDatagram[] = [
  sample(6692, { note: "delayed 41 ms" }),
  sample(6693, { note: "dropped by a rule", byRule: "dropped" }),
  sample(6694, { note: "delayed 49 ms, a copy by a rule" }),
  sample(6695, { note: "lost", isAnomaly: true }),
  sample(6696, {
    note: "corrupted, delayed 47 ms",
    byRule: "corrupted",
    changedBytes: [10],
    facts: [
      { text: "A rule on 127.0.0.1:5005 held it back for 47 ms.", isAnomaly: false },
      {
        text: "A rule on 127.0.0.1:5005 changed bit 5 of the byte at offset 10: the program got 91, not b1.",
        isAnomaly: false,
        byRule: true,
      },
    ],
  }),
  sample(6697, { note: "delivered 52 µs" }),
  sample(6698, { note: "corrupted", byRule: "corrupted" }),
];

/** Two minutes of questions and answers, at times more of them, of which some are lost. */
const stream = Array.from({ length: 600 }, (_, index): FakeDatagram => {
  const isLost = index % 97 === 5;
  const text = index % 2 === 0 ? "Michael" : "Hello, Michael!";
  return datagram(index % 2 === 0 ? "in" : "out", text, {
    time: (Date.UTC(2026, 10, 20, 12, 1, 2, 113) + index * 200 + Math.sin(index / 9) * 1500) * 1000,
    note: isLost ? "lost: receive buffer full" : "delivered 0.2 ms",
    isAnomaly: isLost,
  });
});

/** A telemetry struct of twenty bytes by a definition; one of them is cut short. */
function trackerRow(index: number): FakeDatagram {
  const temp = (21.4 + (index % 3) / 10).toFixed(1);
  const isShort = index === 28;
  const note = "delivered 43 µs";
  const payload = [7, 0, 1, 0, index, 0, 0, 0, 0x71, 0x4c, 0xac, 0x41].concat(
    isShort ? [] : [0, 0xba, 0x52, 0x40, 0x14, 0x70, 0x49, 0],
  );
  const field = (name: string, value: string, from: number, to: number) => ({
    ...{ name, value, from, to },
    fields: [],
  });
  return {
    direction: "in",
    payload: isShort ? payload.slice(0, 11) : payload,
    length: isShort ? 11 : 20,
    preview: isShort
      ? "07 00 01 00 1c 00 00 00 71 4c ac"
      : `id 7, type sample (1), seq ${index}, temp ${temp}, volt 3.29, uptime 4812820`,
    isHex: isShort,
    cells: isShort ? ["", "sample (1)"] : [temp, "sample (1)"],
    note: isShort ? `Does not fit: 3 bytes left, temp needs 4, ${note}` : note,
    isAnomaly: isShort,
    decoded: {
      protocol: "tracker",
      decoder: "tracker",
      origin: "by the definition protocol/tracker.ksy",
      summary: `id 7, type sample (1), seq ${index}, temp ${temp}, volt 3.29, uptime 4812820`,
      fields: [
        field("id", "7", 0, 2),
        field("type", "sample (1)", 2, 4),
        field("seq", String(index), 4, 8),
        field("temp", temp, 8, 12),
        field("volt", "3.29", 12, 16),
        field("uptime", "4812820", 16, 20),
      ],
    },
  };
}

describe("the datagrams page looks right", function () {
  // A browser on a busy machine, which may have to be unpacked first.
  this.timeout(180_000);
  const webview = WebviewSuite.here();
  let page: Page;

  for (const theme of Object.keys(themes) as ThemeName[]) {
    for (const width of [250, 420, 900]) {
      it(`in ${theme} at ${width} px`, async () => {
        const height = width === 900 ? 420 : 600;
        const inEditor = width === 900;
        page = await webview.open({
          theme,
          width,
          height,
          inEditor,
          datagrams: lesson,
        });
        await rowShown(page, 0);
        await clickRow(page, 1);
        await detailShown(page, "2 · ");
        await page.evaluate(() => window.fakeHost.tell({ notRecorded: 1377, paused: true }));
        await page.waitForSelector(".status:visible");
        await nextFrame(page);
        await takePicture(page, `${theme}-${width}`);
        assert.deepEqual(await violations(page), []);
      });
    }

    for (const width of [250, 420, 1000]) {
      it(`in ${theme} at ${width} px with what rules did`, async () => {
        const inEditor = width > 500;
        page = await webview.open({ theme, width, height: 600, inEditor, datagrams: ruled });
        await rowShown(page, 0);
        await clickRow(page, CORRUPTED);
        await detailShown(page, `${CORRUPTED + 1} · `);
        await page.click("#tab-hex");
        await nextFrame(page);
        await takePicture(page, `${theme}-${width}-rules`);
        assert.deepEqual(await violations(page), []);
        const marked = () =>
          page.evaluate(() =>
            [...document.querySelectorAll(".rows .row")].map((row) => {
              const { color } = getComputedStyle(row.querySelector(".note") ?? row);
              const { textDecorationLine } = getComputedStyle(row.querySelector(".payload") ?? row);
              return { color, textDecorationLine };
            }),
          );
        const rows = await marked();
        assert.deepEqual(
          rows.map(({ textDecorationLine }) => textDecorationLine),
          ruled.map(({ byRule }) => (byRule === "dropped" ? "line-through" : "none")),
        );
        // Dropped by a rule is never in the colour of what is lost.
        assert.notEqual(rows[DROPPED]?.color, rows[LOST]?.color);
      });
    }

    it(`in ${theme} while it does not follow, with a hex dump`, async () => {
      page = await webview.open({ theme, width: 330, count: 100 });
      await settled(page);
      await clickRow(page, 97);
      await detailShown(page, "98 · ");
      await page.click("#tab-hex");
      await page.evaluate(() => window.fakeHost.insert(12));
      await page.waitForSelector(".new-rows:visible");
      await nextFrame(page);
      await takePicture(page, `${theme}-new`);
      assert.deepEqual(await violations(page), []);
    });

    for (const [width, height] of [
      [250, 300],
      [300, 295],
      [853, 260],
    ] as const) {
      it(`in ${theme} at 150 % zoom: a file of another day at ${width} x ${height} px`, async () => {
        const inEditor = width > 500;
        const file = { datagrams: samples, isLive: false, daysAgo: 400 };
        page = await webview.open({ theme, width, height, inEditor, ...file });
        await rowShown(page, 0);
        await clickRow(page, 0);
        await detailShown(page, "1 · ");
        await page.click("#tab-hex");
        await nextFrame(page);
        await takePicture(page, `${theme}-${width}-low`);
        assert.deepEqual(await violations(page), []);
      });
    }

    for (const width of [250, 330, 900, 1280]) {
      it(`in ${theme} at ${width} px with a filter, several rows selected, a file on its way and a remark`, async () => {
        page = await webview.open({
          theme,
          width,
          height: width < 500 ? 600 : 460,
          inEditor: width > 500,
          datagrams: stream,
        });
        await settled(page);
        await page.getByRole("combobox").fill("hello time:10..70");
        await page.keyboard.press("Enter");
        await page.waitForSelector("mark");
        await settled(page);
        const row = (index: number) => page.locator(".rows .row").nth(index);
        await row(1).click();
        await page.waitForSelector(".detail:not([hidden])");
        await settled(page);
        await row(3).click({ modifiers: ["Shift"] });
        await page.evaluate(() => {
          const start = Date.UTC(2026, 10, 20, 12, 1, 2, 113) * 1000;
          const remarks = ["1,204 packets of this file are not UDP and are not shown."];
          window.fakeHost.tell({ progress: 0.42, evicted: 91_210, remarks, start });
        });
        await page.waitForSelector(".range.is-part");
        await page.waitForSelector(".progress:not([hidden])");
        await settled(page);
        await takePicture(page, `${theme}-${width}-filter`);
        assert.deepEqual(await violations(page), []);
      });
    }

    it(`in ${theme} with a wrong filter and completions`, async () => {
      page = await webview.open({ theme, width: 330, height: 300, datagrams: stream });
      await settled(page);
      await page.getByRole("combobox").fill("hello bad");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".problem:visible");
      await takePicture(page, `${theme}-wrong`);
      assert.deepEqual(await violations(page), []);
      await page.evaluate(() => {
        window.fakeHost.completions = [
          { label: "dir:in", detail: "received", insert: "dir:in", start: 0, end: 1 },
          { label: "dir:out", detail: "sent by this socket", insert: "dir:out", start: 0, end: 1 },
        ];
      });
      await page.keyboard.press("Control+Space");
      await page.waitForSelector(".completions:visible");
      await page.keyboard.press("ArrowDown");
      await takePicture(page, `${theme}-completions`);
      assert.deepEqual(await violations(page), []);
    });

    it(`in ${theme} with its menu`, async () => {
      const options = { theme, width: 900, height: 360, inEditor: true };
      page = await webview.open({ ...options, datagrams: stream });
      await settled(page);
      await page.getByRole("button", { name: "Columns and Time" }).click();
      await takePicture(page, `${theme}-menu`);
      assert.deepEqual(await violations(page), []);
    });

    for (const width of [330, 900, 1280]) {
      it(`in ${theme} at ${width} px with fields in the rows, as columns and with their menu`, async () => {
        const datagrams = Array.from({ length: 40 }, (_, index) => trackerRow(index));
        page = await webview.open({ theme, width, height: 560, inEditor: width > 600, datagrams });
        await settled(page);
        await showFields(page, "tracker.temp", "tracker.type");
        await clickRow(page, 30);
        await page.getByRole("tab", { name: "tracker" }).click();
        const field = page.getByRole("treeitem", { name: /^temp/ });
        await field.click({ button: "right" });
        await page.getByRole("menu", { name: "Field" }).waitFor();
        await takePicture(page, `${theme}-${width}-fields`);
        assert.deepEqual(await violations(page), []);
        const isWide = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          return scrollWidth > clientWidth;
        });
        assert.ok(!isWide);
      });
    }

    it(`in ${theme} while it is empty`, async () => {
      page = await webview.open({ theme, width: 330, height: 200, count: 0 });
      await page.waitForSelector(".empty:visible");
      await takePicture(page, `${theme}-empty`);
      assert.deepEqual(await violations(page), []);
    });
  }

  for (const editorFontSize of [9, 14, 22]) {
    for (const width of [170, 250, 330, 420, 600, 900]) {
      it(`at ${width} px in a font of ${editorFontSize} px: cut only with an ellipsis, never wider`, async () => {
        page = await webview.open({
          width,
          editorFontSize,
          height: 900,
          datagrams: lesson,
        });
        await rowShown(page, 0);
        await clickRow(page, 1);
        await detailShown(page, "2 · ");
        for (const tab of ["text", "hex"]) {
          await page.click(`#tab-${tab}`);
          await nextFrame(page);
          assert.deepEqual(await page.evaluate(cutWithoutEllipsis), []);
        }
      });
    }
  }

  it("shows time, ports and length whole in the smallest usual side bar, if need be without the hour", async () => {
    page = await webview.open({ width: 250, datagrams: lesson });
    await rowShown(page, 0);
    const cut = () =>
      page.$$eval(".rows .line:first-child > *", (cells) =>
        cells
          .filter(({ clientWidth, scrollWidth }) => scrollWidth > clientWidth)
          .map(({ textContent }) => textContent),
      );
    assert.deepEqual(await cut(), []);
    assert.equal(await page.isVisible(".hour"), false);
    await page.setViewportSize({ width: 330, height: 600 });
    await nextFrame(page);
    assert.deepEqual(await cut(), []);
    assert.equal(await page.isVisible(".hour"), true);
  });

  it("turns into two lines where it is narrow and back, around the same rows", async () => {
    page = await webview.open({ width: 900, count: 1000 });
    await settled(page);
    const rowHeight = () =>
      page.evaluate(() => document.querySelector(".rows .row")?.clientHeight ?? 0);
    const first = () => page.getAttribute(".rows .row", "aria-rowindex");
    await page.evaluate(() => {
      const grid = document.querySelector(".grid");
      if (grid) grid.scrollTop = 22 * 500;
    });
    await page.waitForSelector('.rows .row:first-child[aria-rowindex="502"]');
    assert.equal(await rowHeight(), 22);
    await page.setViewportSize({ width: 250, height: 600 });
    await page.waitForFunction(
      () => (document.querySelector(".rows .row")?.clientHeight ?? 0) > 40,
    );
    await settled(page);
    assert.equal(await first(), "502");
    await page.setViewportSize({ width: 420, height: 600 });
    await settled(page);
    await page.setViewportSize({ width: 900, height: 600 });
    await page.waitForFunction(() => document.querySelector(".rows .row")?.clientHeight === 22);
    await settled(page);
    assert.equal(await first(), "502");
  });

  it("uses no variable that no theme has", () => {
    const known = new Set(Object.values(themes).flatMap(({ variables }) => Object.keys(variables)));
    const optional = ["--vscode-list-hoverForeground", "--vscode-list-inactiveSelectionForeground"];
    const used = new Set(webview.bundle.style.match(/--vscode-[\w-]+/g));
    assert.deepEqual(
      [...used].filter((name) => !known.has(name) && !optional.includes(name)),
      [],
    );
    assert.doesNotMatch(
      webview.bundle.style,
      /#[0-9a-f]{3,8}\b|rgba?\(/i,
      "a colour that is no theme's",
    );
  });
});

/** Runs in the page: elements whose text does not fit and that do not say so, and what scrolls sideways. */
function cutWithoutEllipsis(): string[] {
  const bad: string[] = [];
  for (const element of document.querySelectorAll<HTMLElement>("main, main *")) {
    const { clientWidth, scrollWidth, className, textContent } = element;
    // Of a column's head, its title is looked at; the edge beside it lies in the gap.
    if (element.matches(".unseen, [role=columnheader]")) continue;
    if (clientWidth === 0 || scrollWidth <= clientWidth) continue;
    const style = getComputedStyle(element);
    const ellipsis = style.textOverflow === "ellipsis" && style.overflowX !== "visible";
    if (!ellipsis)
      bad.push(`${className} ${textContent?.slice(0, 40)}: ${scrollWidth} in ${clientWidth}`);
  }
  return bad;
}
