import { type WaitOptions, waitUntil } from "./wait_until.ts";
import type { WorkbenchPage } from "./workbench_page.ts";

/** What opens terminals and shows them. */
type Window = WorkbenchPage & { runCommand(title: string): Promise<void> };

/** The terminals of the panel. A terminal that was never shown has no text yet. */
export class Terminals {
  readonly #workbench: Window;

  constructor(workbench: Window) {
    this.#workbench = workbench;
  }

  /** The whole text of each terminal, its scrollback with it; the lines as they were printed, before any wrapping. */
  texts(): Promise<string[]> {
    return this.#workbench.page.evaluate(() =>
      Array.from(document.querySelectorAll<TerminalElement>(".terminal-wrapper"), (element) => {
        const buffer = element.xterm?.buffer.active;
        let text = "";
        for (let i = 0; buffer && i < buffer.length; i++) {
          const line = buffer.getLine(i);
          const continues = buffer.getLine(i + 1)?.isWrapped;
          text += `${line?.translateToString(!continues)}${continues ? "" : "\n"}`;
        }
        return text.trimEnd();
      }),
    );
  }

  /** Waits until one terminal's text contains or matches this; returns that text. */
  async showing(pattern: string | RegExp, options?: WaitOptions): Promise<string> {
    const matches = (text: string) => isIn(text, pattern);
    const texts = await this.#workbench.waitFor(
      `a terminal with ${pattern}`,
      () => this.texts(),
      (all) => all.some(matches),
      options,
    );
    return texts.find(matches) ?? "";
  }

  /** Opens a terminal, and waits until it is the one that is shown and its shell has a prompt. */
  async open(): Promise<void> {
    const { page } = this.#workbench;
    const before = await page.locator(TERMINAL).count();
    await this.#workbench.runCommand("Terminal: Create New Terminal");
    await this.#workbench.waitFor("a new terminal with a prompt", async () => {
      const isActive = await this.#areActive();
      const texts = await this.texts();
      const index = isActive.indexOf(true);
      return isActive.length > before && index >= before && texts[index] !== "";
    });
  }

  /** Closes them all, and ends what runs in them. */
  async endAll(): Promise<void> {
    const terminals = this.#workbench.page.locator(TERMINAL);
    if ((await terminals.count()) === 0) return;
    await this.#workbench.runCommand("Terminal: Kill All Terminals");
    await this.#workbench.waitFor(
      "no terminal",
      () => terminals.count(),
      (count) => count === 0,
    );
  }

  /**
   * Enters text into the terminal that is shown, all at once, as a keyboard program or an emoji menu does: VS Code may
   * give the focus to a view meanwhile, and keys would go there. Waits until its first letters are to be read there.
   */
  async type(text: string): Promise<void> {
    const first = firstLetters(text);
    await this.#workbench.waitFor(`"${first}" in the terminal`, async () => {
      await this.#enter(text.replaceAll("\n", "\r"));
      return waitUntil("it", async () => (await this.#shownText()).includes(first));
    });
  }

  /**
   * Types a command into the terminal that is shown, and waits until one shows this; returns its text. A new terminal is
   * started anew where an extension adds to its environment meanwhile, and what was typed is gone, be it that it was
   * to be read already: a person, who looks, types it again.
   */
  async run(command: string, pattern: string | RegExp): Promise<string> {
    const first = firstLetters(command);
    let shown: string | undefined;
    await this.#workbench.waitFor(
      `${pattern} after "${first}"`,
      async () => {
        await this.type(`${command}\n`);
        return this.#workbench.waitFor(`${pattern} after "${first}"`, async () => {
          shown = (await this.texts()).find((text) => isIn(text, pattern));
          const isGone = !(await this.#shownText()).includes(first);
          return shown !== undefined ? "shown" : isGone ? "gone" : "";
        });
      },
      (how) => how === "shown",
    );
    return shown ?? "";
  }

  async #enter(data: string): Promise<void> {
    const input = this.#workbench.page.locator(`${TERMINAL}.active .xterm-helper-textarea`).first();
    await input.evaluate(
      (element, text) =>
        element.dispatchEvent(new InputEvent("input", { data: text, inputType: "insertText" })),
      data,
    );
  }

  /** The text of the terminal that is shown. */
  async #shownText(): Promise<string> {
    return (await this.texts())[(await this.#areActive()).indexOf(true)] ?? "";
  }

  /** Of each terminal, whether it is the one that is shown. */
  #areActive(): Promise<boolean[]> {
    return this.#workbench.page
      .locator(TERMINAL)
      .evaluateAll((terminals) => terminals.map(({ classList }) => classList.contains("active")));
  }
}

const TERMINAL = ".terminal-wrapper";

/** Few enough to stand on one line. */
const firstLetters = (text: string) => text.trim().slice(0, 20);

function isIn(text: string, pattern: string | RegExp): boolean {
  return typeof pattern === "string" ? text.includes(pattern) : pattern.test(text);
}

interface TerminalElement extends HTMLElement {
  /** VS Code hangs xterm.js's `Terminal` on its element. */
  readonly xterm?: { readonly buffer: { readonly active: TerminalBuffer } };
}

interface TerminalBuffer {
  readonly length: number;
  getLine(
    index: number,
  ): { readonly isWrapped: boolean; translateToString(trimRight: boolean): string } | undefined;
}
