/** Runs a task whose faults must not reach the program. */
export function neverThrows(task: () => void): void {
  try {
    task();
  } catch {
    // Nobody to tell.
  }
}
