import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

/** What NODE_V8_COVERAGE writes: https://nodejs.org/api/cli.html#coverage-output */
interface CoverageFile {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly Range[] }[];
  }[];
}

/** Which characters of which files a test run came by. */
export class Coverage {
  readonly #functions = new Map<string, (readonly Range[])[]>();

  /** Reads what processes left in a folder; paths are told as seen from `root`. */
  static async read(folder: string, root: string): Promise<Coverage> {
    const coverage = new Coverage();
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name), "utf8");
      for (const { url, functions } of (JSON.parse(text) as CoverageFile).result) {
        if (!url.startsWith("file:")) continue;
        const path = relative(root, fileURLToPath(url));
        const known = coverage.#functions.get(path) ?? [];
        coverage.#functions.set(path, [...known, ...functions.map(({ ranges }) => ranges)]);
      }
    }
    return coverage;
  }

  /** Whether the character at `offset` was run. */
  has(file: string, offset: number): boolean {
    const around = (range: Range) => range.startOffset <= offset && offset < range.endOffset;
    let innermost: Range | undefined;
    for (const ranges of this.#functions.get(file) ?? []) {
      for (const range of ranges.filter(around)) {
        if (!innermost || size(range) <= size(innermost)) innermost = range;
      }
    }
    return (innermost?.count ?? 0) > 0;
  }
}

function size({ startOffset, endOffset }: Range): number {
  return endOffset - startOffset;
}
