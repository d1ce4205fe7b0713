/** What is written in Kaitai Struct's language, by its name. */
export function isDefinition({ fileName }: { readonly fileName: string }): boolean {
  return fileName.endsWith(".ksy");
}

/** True for a path that leads nowhere but into the folder that it is relative to. */
export function isWithin(path: string): boolean {
  const parts = path.split("/");
  return path !== "" && !/^[/\\]|[\\:]/.test(path) && !parts.includes("..");
}

/** A file in the language of Protocol Buffers. */
export function isProto(fileName: string): boolean {
  return fileName.endsWith(".proto");
}
