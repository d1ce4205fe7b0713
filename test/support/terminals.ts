import type { WaitOptions } from "./wait_until.ts";
import type { WorkbenchPage } from "./workbench_page.ts";

/** The terminals of the panel. A terminal that was never shown has no text yet. */
export class Terminals {
  readonly #workbench: WorkbenchPage;

  constructor(workbench: WorkbenchPage) {
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
    const matches = (text: string) =>
      typeof pattern === "string" ? text.includes(pattern) : pattern.test(text);
    const texts = await this.#workbench.waitFor(
      `a terminal with ${pattern}`,
      () => this.texts(),
      (all) => all.some(matches),
      options,
    );
    return texts.find(matches) ?? "";
  }

  /** Types into the terminal that is shown. */
  async type(text: string): Promise<void> {
    const { page } = this.#workbench;
    await page.locator(".terminal-wrapper.active .xterm-helper-textarea").first().focus();
    await page.keyboard.type(text);
  }
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
