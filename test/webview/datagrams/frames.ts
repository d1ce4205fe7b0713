import type { Page } from "playwright-core";

/** Scrolls from end to end by the scroll bar, a frame a step, and then on by the wheel. */
export async function scrollThrough(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const grid = document.querySelector(".grid");
    if (!grid) throw new Error("no grid");
    for (let step = 0; step <= 120; step++) {
      grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * (step / 120);
      await new Promise(requestAnimationFrame);
    }
    for (let step = 0; step <= 60; step++) {
      grid.dispatchEvent(new WheelEvent("wheel", { deltaY: -180, cancelable: true }));
      await new Promise(requestAnimationFrame);
    }
  });
}

/** Types ten filters, each as soon as the one before was sent. */
export async function typeFilters(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const input = document.querySelector<HTMLInputElement>(".filter input");
    if (!input) throw new Error("no box");
    const sent = () => window.fakeHost.received.filter(({ type }) => type === "filter").length;
    for (let step = 2; step < 12; step++) {
      // The fake host is part of the page: what it takes to filter has to be nothing.
      input.value = `every:${step * 37}`;
      input.dispatchEvent(new InputEvent("input"));
      while (sent() < step - 1) await new Promise(requestAnimationFrame);
    }
  });
}
