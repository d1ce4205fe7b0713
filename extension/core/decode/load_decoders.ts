/** What {@link loadDecoders} resolves to. */
export type Decoders = typeof import("./decoders.ts");

/** The decoders; loaded by the first call, so that an activation does not pay for them. */
export function loadDecoders(): Promise<Decoders> {
  return import("./decoders.ts");
}
