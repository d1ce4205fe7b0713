/** So many of them, spread evenly; another seed begins elsewhere. */
export function sample<T>(all: readonly T[], count: number, seed: number): T[] {
  const step = Math.max(1, all.length / count);
  // Multiples of the golden ratio are nowhere near each other.
  const first = ((seed * 0.618034) % 1) * step;
  return Array.from({ length: Math.floor(all.length / step) }, (_, index) => {
    return all[Math.floor(first + index * step)] as T;
  });
}
