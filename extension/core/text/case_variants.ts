const encoder = new TextEncoder();

/**
 * The characters of a text, each as it is, in upper case and in that one's lower case, as UTF-8: what a needle of kind
 * "text" matches. Only one-to-one mappings: a German sharp s is not the same as two letters s.
 */
export function caseVariants(text: string): readonly (readonly Uint8Array[])[] {
  return [...text].map((character) => {
    const upper = character.toUpperCase();
    const forms = new Set([character, upper, upper.toLowerCase()]);
    return [...forms].filter((form) => [...form].length === 1).map((form) => encoder.encode(form));
  });
}
