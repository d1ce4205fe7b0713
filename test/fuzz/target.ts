/** Something that takes bytes from outside, and what has to hold whatever they are. */
export interface FuzzTarget {
  /** What it is, in words; and the name of its folder in the corpus. */
  readonly name: string;
  /** Good input: the fuzzer spoils it. */
  readonly seeds: readonly Uint8Array[];
  /** Takes the input; throws where something does not hold. */
  check(input: Uint8Array): void;
}
