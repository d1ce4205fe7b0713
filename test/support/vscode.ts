import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Browser, ViewportSize } from "playwright-core";
import { launchBrowser } from "./browser.ts";
import { projectFolder } from "./cache_folder.ts";
import { whenTestFails } from "./root_hooks.ts";
import { type PageOptions, type ServerOptions, VscodeServer } from "./vscode_server.ts";
import { Workbench } from "./workbench.ts";
import { PATIENCE_MS } from "./workbench_page.ts";

export interface WorkbenchOptions {
  /**
   * The workspace folder, none for an empty window. Unless told: that of the window beside, else an empty one of its own,
   * the server's for the first window; all windows on a folder show the same capture.
   */
  readonly folder?: string | "none";
  /** The folder of an extension under development; this project unless told or installed from a `.vsix`. */
  readonly developmentPath?: string;
  /** CSS pixels; 1280 by 800 unless told. */
  readonly viewport?: ViewportSize;
  /** An open window whose browser and folder this one shares, and with them what VS Code remembers of the folder. */
  readonly beside?: Workbench;
  /** The window is ready when this view container is there; "UDP" unless told. */
  readonly container?: string;
}

/** A running VS Code: the server and a browser, for any number of windows. */
export class Vscode {
  readonly server: VscodeServer;
  readonly #browser: Browser;
  readonly #developmentPath: string | undefined;
  readonly #open = new Set<Workbench>();
  readonly #folderOf = new WeakMap<Workbench, string>();
  readonly #keepNoPictures = whenTestFails((title) => this.#keepPictures(title));
  #emptyFolders = 0;

  private constructor(server: VscodeServer, browser: Browser, developmentPath: string | undefined) {
    this.server = server;
    this.#browser = browser;
    this.#developmentPath = developmentPath;
  }

  /** With a `.vsix` that one is installed, else this project's folder is the extension under development. */
  static async start(options: ServerOptions = {}): Promise<Vscode> {
    const starting = [VscodeServer.start(options), launchBrowser()] as const;
    try {
      const [server, browser] = await Promise.all(starting);
      return new Vscode(server, browser, options.vsix ? undefined : projectFolder);
    } catch (error) {
      for (const started of await Promise.allSettled(starting)) {
        if (started.status === "fulfilled") await started.value.close();
      }
      throw error;
    }
  }

  /** Opens a window, on the server's empty folder unless told; waits until it can be used. */
  async openWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
    const { viewport = { width: 1280, height: 800 }, container = "UDP" } = options;
    const context =
      options.beside?.page.context() ?? (await this.#browser.newContext({ viewport }));
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const workbench: Workbench = new Workbench(page, container, async () => {
      this.#open.delete(workbench);
      if (this.#open.size === 0) await this.server.endTerminals();
    });
    this.#open.add(workbench);
    const beside = options.beside && this.#folderOf.get(options.beside);
    const folder = options.folder ?? beside ?? (await this.#nextEmptyFolder());
    this.#folderOf.set(workbench, folder);
    await page.goto(this.server.pageUrl(this.#pageOptions({ ...options, folder })));
    await workbench.ready();
    return workbench;
  }

  /** Closes all windows and ends everything that was started; nothing is left behind. */
  async close(): Promise<void> {
    for (const workbench of this.#open) await workbench.close();
    this.#keepNoPictures();
    await this.#browser.close();
    await this.server.close();
  }

  /** Leaves a picture of each open window in .vscode-test/failures/. */
  async #keepPictures(name: string): Promise<void> {
    for (const workbench of this.#open) await workbench.keepPicture(name);
  }

  async #nextEmptyFolder(): Promise<string> {
    const { emptyFolder } = this.server;
    if (this.#emptyFolders++ === 0) return emptyFolder;
    const folder = join(dirname(emptyFolder), String(this.#emptyFolders), basename(emptyFolder));
    await mkdir(folder, { recursive: true });
    return folder;
  }

  #pageOptions({
    folder = "none",
    developmentPath = this.#developmentPath,
  }: WorkbenchOptions): PageOptions {
    return {
      ...(folder !== "none" && { folder }),
      ...(developmentPath !== undefined && { developmentPath }),
    };
  }
}
