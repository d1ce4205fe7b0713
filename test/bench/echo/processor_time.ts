import { readdir, readFile } from "node:fs/promises";

/** Seconds of the processor that all threads of a process have had (Linux); undefined where nobody tells. */
export async function processorSeconds(pid: number): Promise<number | undefined> {
  try {
    const folder = `/proc/${pid}/task`;
    const threads = (await readdir(folder)).map((id) =>
      readFile(`${folder}/${id}/schedstat`, "utf8"),
    );
    const nanoseconds = (await Promise.all(threads)).map((text) => Number(text.split(" ")[0]));
    return nanoseconds.reduce((sum, time) => sum + time, 0) / 1e9;
  } catch {
    return undefined;
  }
}
