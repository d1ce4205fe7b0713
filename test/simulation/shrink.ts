/**
 * Leaves out what is not needed: the shortest part of `items`, in their order, that can be found by leaving out ever
 * smaller pieces and that `fails` as the whole did (the algorithm is Zeller's delta debugging, ddmin).
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>,
): Promise<T[]> {
  let shortest = [...items];
  for (let size = Math.ceil(shortest.length / 2); size >= 1; ) {
    let isShorter = false;
    for (let start = 0; start < shortest.length; ) {
      const part = [...shortest.slice(0, start), ...shortest.slice(start + size)];
      if (part.length < shortest.length && (await fails(part))) {
        shortest = part;
        isShorter = true;
      } else start += size;
    }
    if (size === 1 && !isShorter) break;
    if (!isShorter || size > 1) size = Math.max(1, Math.floor(size / 2));
  }
  return shortest;
}
