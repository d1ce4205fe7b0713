/** What stands in the place of a secret. */
const MASK = "***";
/** A tooltip shows less; what is longer costs no more. */
const MOST_TEXT = 4096;
const MOST_WORD = 512;

/** What people and programs call what nobody else should see, as a part of an option's or a variable's name. */
const NAME =
  /passw(?:or)?d|passphrase|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|psk|credential|authorization|bearer/i;
/** `--db-password`, `-token`: its value is the next word. */
const OPTION = /^--?[\w.-]+$/;
/** `--token=x`, `API_TOKEN=x`, `Authorization: Bearer x`: all that follows in this word is the value. */
const ASSIGNMENT = /^([\w.-]+["']?\s*[=:]\s*)./s;
/** The same further inside a word: `https://host/?a=1&token=x`, `{"token":"x"}`. */
const INSIDE = /([\w.-]+\\*["']?\s*[=:]\s*\\*["']?)([^&;,"'\s}\\]+)/g;
/** `scheme://user:password@host` (RFC 3986, section 3.2.1). */
const USER_INFO = /(:\/\/[^/?#@:]*:)[^/?#@]+(?=@)/g;

/**
 * The words of a command line with what looks like a secret masked, as one text for a person to read: a guess by names.
 * What is given in another way (`-p x`) stays.
 */
export function commandWithoutSecrets(words: readonly string[]): string {
  const short = words.slice(0, MOST_TEXT).map((word) => word.slice(0, MOST_WORD));
  return short.map((word, at) => masked(word, short[at - 1] ?? "")).join(" ");
}

/** The same for a text in which a word is quoted as in JSON where it would not be clear. */
export function textWithoutSecrets(text: string): string {
  const words = text.slice(0, MOST_TEXT).match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  return commandWithoutSecrets(words);
}

function masked(word: string, before: string): string {
  const isValue = OPTION.test(before) && NAME.test(before) && !word.startsWith("--");
  if (isValue) return MASK;
  const [quote] = /^"?/.exec(word) ?? [""];
  const [, name = ""] = ASSIGNMENT.exec(word.slice(quote.length)) ?? [];
  if (NAME.test(name)) return `${quote}${name}${MASK}${quote}`;
  return word
    .replace(USER_INFO, `$1${MASK}`)
    .replace(INSIDE, (all, name: string) => (NAME.test(name) ? name + MASK : all));
}
