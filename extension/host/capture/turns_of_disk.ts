/**
 * Asked at once of one disk, and of all. Node asks file systems on four threads, which all extensions of a window share,
 * and one that does not answer, such as a share whose server is gone, keeps each thread that asks it: what else is to be
 * read there waits without one. One is left for whoever asks another disk, and one for others, whatever else hangs.
 */
const AT_ONCE = 2;
const AT_ONCE_IN_ALL = 3;

interface Turns {
  underWay: number;
  readonly waiting: (() => void)[];
}

/** Of those alone that are asked something now. */
const disks = new Map<string, Turns>();
let underWay = 0;

/**
 * Does `task`, which asks something of a disk, when fewer than {@link AT_ONCE} others of the same disk are under way: while
 * it answers, that is nearly at once.
 *
 * @param disk whatever is the same for what hangs together: where something is mounted, or a folder
 */
export async function inTurnOf<T>(disk: string, task: () => Promise<T>): Promise<T> {
  const turns = disks.get(disk) ?? { underWay: 0, waiting: [] };
  disks.set(disk, turns);
  const turn = new Promise<void>((resolve) => turns.waiting.push(resolve));
  giveTurns();
  await turn;
  try {
    return await task();
  } finally {
    turns.underWay--;
    underWay--;
    if (turns.underWay === 0 && turns.waiting.length === 0) disks.delete(disk);
    giveTurns();
  }
}

function giveTurns(): void {
  for (const turns of disks.values()) {
    while (underWay < AT_ONCE_IN_ALL && turns.underWay < AT_ONCE) {
      const next = turns.waiting.shift();
      if (!next) break;
      turns.underWay++;
      underWay++;
      next();
    }
  }
}
