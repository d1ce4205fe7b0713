import { existsSync, readFileSync } from "node:fs";

/** A program that prints its process id and then runs on, however it is asked to end. */
export const STUBBORN = `
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) process.on(signal, () => {});
setInterval(() => {}, 1000);
console.log("stubborn " + process.pid);
`;

/** Whether the process runs. One that has ended and that nobody has asked how (a zombie) does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || !/\) Z /.test(readFileSync(status, "utf8"));
}
