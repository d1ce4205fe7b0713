import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { standInForVscode } from "./vscode_stand_in.ts";

/**
 * Prints what keeps programs from writing into a small disk of its own: at first, when others can write there, when it
 * is full, and read-only.
 */
const [disk = ""] = process.argv.slice(2);
standInForVscode();
const { folderObstacle } = await import("../../../extension/host/capture/folder_obstacle.ts");
const { obstacleText } = await import("../../../extension/host/capture/obstacle_text.ts");
const now = async (): Promise<string | null> => {
  const obstacle = await folderObstacle(disk);
  return obstacle ? obstacleText(obstacle, disk) : null;
};
const told = [await now()];
chmodSync(disk, 0o777);
told.push(await now());
chmodSync(disk, 0o700);
try {
  writeFileSync(join(disk, "ballast"), new Uint8Array(1 << 20));
} catch {
  // As much of it as there is room for.
}
told.push(await now());
execFileSync("mount", ["-o", "remount,ro", disk]);
told.push(await now());
process.stdout.write(JSON.stringify(told));
