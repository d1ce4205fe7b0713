import { endPrograms, node24, type Runtime, runtimes, Scripts } from "./run_script.ts";

type Scenario = (scripts: Scripts) => Promise<void>;

/** How many scenarios run at once: more than there are cores, since they mostly wait. */
const AT_ONCE = 6;

/**
 * Declares one test per runtime and scenario. All scenarios start before the first test, some at a
 * time, and each test waits for its own: starting a program is what takes the time.
 */
export function describeOnEveryRuntime(
  title: string,
  scenarios: Readonly<Record<string, Scenario>>,
  on: readonly Runtime[] = runtimes,
): void {
  describe(title, function () {
    this.timeout(300_000); // some scenarios start a dozen programs, and others may want the machine, too
    const results = new Map<string, Promise<unknown>>();
    before(() => startAll(scenarios, on, results));
    after(endPrograms);

    for (const runtime of on) {
      describe(runtime.command ? runtime.name : `${runtime.name}: NOT ON THIS MACHINE`, () => {
        for (const name of Object.keys(scenarios)) {
          it(name, async function () {
            if (!runtime.command) this.skip();
            const error = await results.get(keyOf(runtime, name));
            if (error !== undefined) throw error;
          });
        }
      });
    }
  });
}

/** The scripts on the one runtime that every machine has. */
export function onNode24(): Scripts {
  return new Scripts(node24);
}

function keyOf(runtime: Runtime, name: string): string {
  return `${runtime.name}: ${name}`;
}

function startAll(
  scenarios: Readonly<Record<string, Scenario>>,
  on: readonly Runtime[],
  results: Map<string, Promise<unknown>>,
): void {
  const ends: Promise<unknown>[] = [];
  for (const runtime of on.filter(({ command }) => command !== undefined)) {
    for (const [name, scenario] of Object.entries(scenarios)) {
      // The one that started AT_ONCE places earlier makes room.
      const room = ends.at(-AT_ONCE) ?? Promise.resolve();
      // A rejection is kept as a value, since its test may not be waiting yet.
      const end = room
        .then(() => scenario(new Scripts(runtime)))
        .then(
          () => undefined,
          (error: unknown) => error ?? new Error("failed without a reason"),
        );
      ends.push(end);
      results.set(keyOf(runtime, name), end);
    }
  }
}
