import { differences, exportDifferences, faultsOf } from "./judge.ts";
import { type Event, makePlan } from "./plan.ts";
import { Random } from "./random.ts";
import { SimulatedWindow } from "./window.ts";
import { at, World } from "./world.ts";

/** Events of a world that is made from a seed alone. */
const EVENTS = 120;
/** Long enough for every verdict, milliseconds. */
const SETTLED_MS = 5_000;

/** The plan of a seed. */
export function planOf(seed: number): Event[] {
  return makePlan(new Random(seed), EVENTS);
}

/** Lets a plan happen; resolves with what is wrong in the end, each in a sentence. */
export async function simulate(plan: readonly Event[]): Promise<string[]> {
  const world = new World(plan.some(({ kind }) => kind === "stream"));
  try {
    return await run(world, plan);
  } finally {
    world.remove();
  }
}

async function run(world: World, plan: readonly Event[]): Promise<string[]> {
  const windows: SimulatedWindow[] = [];
  for (const event of plan) {
    const window = "window" in event ? at(windows, event.window) : undefined;
    switch (event.kind) {
      case "openWindow":
        windows.push(await SimulatedWindow.open(world, world.folders[event.workspace] ?? ""));
        break;
      case "look":
        await window?.look();
        break;
      case "lookAt":
        await window?.lookAt(event.files);
        break;
      case "reload":
        window?.dispose();
        if (window) {
          windows[windows.indexOf(window)] = await SimulatedWindow.open(world, window.path);
        }
        break;
      case "closeWindow":
        window?.dispose();
        if (window) windows.splice(windows.indexOf(window), 1);
        break;
      case "clear":
        await window?.clear();
        if (window) world.clear(window.path);
        break;
      case "pause":
        window?.pause();
        break;
      case "filter":
        window?.filter(event.port);
        break;
      default:
        world.apply(event);
    }
  }
  world.apply({ kind: "disk", isFull: false });
  world.restore();
  world.pass(SETTLED_MS);
  const last = new Map<string, SimulatedWindow>();
  for (const folder of world.folders) {
    const window = await SimulatedWindow.open(world, folder);
    last.set(folder, window);
    windows.push(window);
  }
  // What one gives up the others have to see: after two turns all know the same.
  for (let turn = 0; turn < 2; turn++) {
    for (const window of windows) await window.look();
    // And taps for which there was no room have some now.
    if (turn === 0) world.pass(SETTLED_MS);
  }
  const faults: string[] = [];
  for (const [number, window] of windows.entries()) {
    for (const fault of faultsOf(window, world)) faults.push(`window ${number}: ${fault}`);
    const other = last.get(window.path) ?? window;
    for (const fault of window.rowFaults()) faults.push(`window ${number}: ${fault}`);
    for (const difference of differences(window, other, world)) {
      faults.push(`window ${number} and one that was opened last: ${difference}`);
    }
  }
  if (!world.isClockSet) {
    for (const window of last.values()) faults.push(...(await exportDifferences(window)));
  }
  for (const window of windows) window.dispose();
  return faults;
}
