/**
 * Asked at once of one disk. Node asks file systems on four threads, which all extensions of a window share, and one that
 * does not answer, such as a share whose server is gone, keeps each thread that asks it: what else is to be read there
 * waits without one.
 */
const AT_ONCE = 2;

interface Turns {
  underWay: number;
  readonly waiting: (() => void)[];
}

/** Of those alone that are asked something now. */
const disks = new Map<string, Turns>();

/**
 * Does `task`, which asks something of a disk, when fewer than {@link AT_ONCE} others of the same disk are under way: while
 * it answers, that is nearly at once.
 *
 * @param disk whatever is the same for what hangs together: the number of a device, or a folder
 */
export async function inTurnOf<T>(disk: string, task: () => Promise<T>): Promise<T> {
  const turns = disks.get(disk) ?? { underWay: 0, waiting: [] };
  disks.set(disk, turns);
  if (turns.underWay < AT_ONCE) turns.underWay++;
  else await new Promise<void>((resolve) => turns.waiting.push(resolve));
  try {
    return await task();
  } finally {
    const next = turns.waiting.shift();
    if (next) next();
    else if (--turns.underWay === 0) disks.delete(disk);
  }
}
