const POLL_MS = 10;
/** Far more than anything here takes on a busy machine; below mocha's own limit, so that a test still cleans up. */
const LIMIT_MS = 40_000;

/** Waits until `condition` holds. A condition that throws does not hold yet. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    let fault: unknown;
    try {
      if (condition()) return;
    } catch (error) {
      fault = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`Waited ${LIMIT_MS / 1000} s in vain until ${what}`, { cause: fault });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
