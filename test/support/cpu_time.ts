/**
 * Milliseconds of a processor that a task takes. Other than the time on the clock it is no longer where others want the
 * machine, too: for tests of what would else take for ever.
 */
export function cpuMilliseconds(task: () => void): number {
  const before = process.cpuUsage();
  task();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
