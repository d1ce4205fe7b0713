/** What is written in Kaitai Struct's language, by its name. */
export function isDefinition({ fileName }: { readonly fileName: string }): boolean {
  return fileName.endsWith(".ksy");
}
