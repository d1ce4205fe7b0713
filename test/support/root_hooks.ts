// What happens around all tests, whatever suite they are in. Mocha loads it for each run, and for each worker of one
// whose files run beside each other.

type Task = (title: string) => Promise<void>;

const witnesses = new Set<Task>();
const closing: (() => Promise<void>)[] = [];

/** A worker of a parallel run is given file after file, and nobody tells it which is its last one. */
const isWorker = process.env.MOCHA_WORKER_ID !== undefined;

export const mochaHooks: Mocha.RootHookObject = {
  async afterEach(this: Mocha.Context) {
    const { currentTest } = this;
    if (currentTest?.state !== "failed") return;
    for (const keep of witnesses) await keep(currentTest.fullTitle());
  },
  async afterAll(this: Mocha.Context) {
    if (isWorker) return;
    this.timeout(120_000);
    for (const close of closing.splice(0)) await close();
  },
};

/** Calls `keep` with the title of each test that fails, until the function is called that it returns. */
export function whenTestFails(keep: Task): () => void {
  witnesses.add(keep);
  return () => witnesses.delete(keep);
}

/** Calls `close` after the last test. Where that is not known, what is open ends with this process: see KeptProcess. */
export function afterAllTests(close: () => Promise<void>): void {
  closing.push(close);
}
