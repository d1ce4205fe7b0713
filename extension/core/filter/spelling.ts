/** The name that differs from what was typed by one letter more, less, another, or two swapped; undefined for none. */
export function closestName(typed: string, names: readonly string[]): string | undefined {
  // Two letters are too few to tell a slip from another word.
  if (typed.length < 3) return undefined;
  return names.find((name) => name.length > 2 && isOneSlip(typed, name));
}

function isOneSlip(typed: string, name: string): boolean {
  let same = 0;
  while (same < typed.length && typed[same] === name[same]) same++;
  const [a, b] = [typed.slice(same), name.slice(same)];
  return (
    a.slice(1) === b ||
    a === b.slice(1) ||
    a.slice(1) === b.slice(1) ||
    (a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2))
  );
}
