import { readdirSync, readlinkSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Capture } from "../../extension/core/capture/capture.ts";
import { CaptureFolder } from "../../extension/host/capture/capture_folder.ts";
import { FolderCapture } from "../../extension/host/capture/folder_capture.ts";
import { FolderWatch } from "../../extension/host/capture/folder_watch.ts";
import { residentBytes } from "./memory.ts";

/**
 * Follows a capture folder as a window does, and prints what that takes while nothing happens: how long the first look
 * took, then the share of a core in so many seconds, descriptors, and memory. Command line: folder, its storage, seconds.
 */
const [name = "", storage = "", seconds = ""] = process.argv.slice(2);
const folder = await CaptureFolder.open(storage, name);
const capture = new Capture();
const before = (await residentBytes(process.pid)) ?? 0;
const log = { warn: (text: string) => process.stderr.write(`${text}\n`) };
const content = new FolderCapture({
  folder,
  capture,
  quota: () => 2 ** 30,
  onChange: () => {},
  log,
});
const start = performance.now();
await content.look();
const milliseconds = performance.now() - start;
const watch = new FolderWatch(folder.path, content, () => content.look(), log);
await watch.start();
// What was put off until there is time is done then.
await sleep(2000);
const usage = process.cpuUsage();
await sleep(Number(seconds) * 1000);
const { user, system } = process.cpuUsage(usage);
const found = {
  milliseconds,
  datagrams: capture.length,
  percent: (user + system) / 1e4 / Number(seconds),
  descriptors: descriptorsIn(dirname(folder.path)),
  mib: (((await residentBytes(process.pid)) ?? 0) - before) / 2 ** 20,
};
watch.dispose();
content.dispose();
process.stdout.write(JSON.stringify(found));

/** Descriptors of this process that are files below a folder (Linux). */
function descriptorsIn(path: string): number {
  const names = process.platform === "linux" ? readdirSync("/proc/self/fd") : [];
  return names.filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(path);
    } catch {
      return false; // The one that the list was read by.
    }
  }).length;
}
