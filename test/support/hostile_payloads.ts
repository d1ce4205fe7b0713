/** Payloads that act on whoever shows them without care: each with what a terminal, page or list would make of it. */
export const HOSTILE_PAYLOADS: Readonly<Record<string, Uint8Array>> = Object.fromEntries(
  Object.entries({
    "cursor and colours (CSI)": "\x1b[2J\x1b[H\x1b[31mowned\x1b[?1049h",
    "questions that a terminal answers": "\x1b[c\x1b[>c\x1b[6n\x1b[5n\x1b[?6n\x1b[18t\x1b[21t\x05",
    "a title (OSC 0 and 2)": "\x1b]0;owned\x07\x1b]2;owned\x1b\\",
    "a hidden link (OSC 8)": "\x1b]8;;command:workbench.action.quit\x07click\x1b]8;;\x07",
    "the clipboard (OSC 52)": "\x1b]52;c;b3duZWQ=\x07\x1b]52;p;b3duZWQ=\x1b\\\x1b]52;c;?\x07",
    "shell integration (OSC 633, 133, 1337)":
      "\x1b]633;E;touch owned\x07\x1b]633;C\x07\x1b]133;A\x07\x1b]1337;SetMark\x07",
    "a colour that is asked for (OSC 10)": "\x1b]10;?\x07\x1b]4;1;?\x07",
    "DCS, APC, PM, SOS": "\x1bP$qm\x1b\\\x1b_owned\x1b\\\x1b^owned\x1b\\\x1bXowned\x1b\\",
    "reset and character sets": "\x1bc\x1b(0\x0e\x1b#8\x1b7\x1b8\x1bN\x1bO",
    "C1 in UTF-8": "\u009b6n\u009d0;owned\u009c\u0090$qm\u009c\u0085\u008d",
    "keys that a terminal would paste": "\x1b[200~touch owned\r\x1b[201~\r\n",
    "back over what was there": "owned\b\b\b\b\b\x7f\rowned\v\f",
    "text that runs the other way": "\u202egnp.exe\u202c \u2066a\u2069 \u061c",
    "what has no width": "a\u200bb\u200cc\u200dd\ufeffe\u2060f\u00adg\u{e0041}\u{fe0f}",
    "line ends of Unicode": "one\u2028two\u2029three",
    "icons and Markdown": "$(bell) $(sync~spin) [link](command:workbench.action.quit) ![](x) `c`",
    HTML: "<img src=x onerror=document.title='owned'><script>owned()</script>&lt;b&gt;",
    "a formula": '=HYPERLINK("http://127.0.0.1/owned","click")\t@SUM(1+1)*cmd|"/C calc"!A0',
    "placeholders and shell": "{0} %s %n $HOME $(touch owned) `touch owned` ; touch owned #",
    "a very long line": "A".repeat(60_000),
  }).map(([name, text]) => [name, new TextEncoder().encode(text)]),
);

/** Bytes that are no UTF-8: a terminal in an 8-bit mode takes some of them for commands. */
export const HOSTILE_BYTES: Readonly<Record<string, Uint8Array>> = {
  "C1 as single bytes": Uint8Array.of(0x9b, 0x36, 0x6e, 0x9d, 0x30, 0x3b, 0x78, 0x9c, 0x90, 0x84),
  "UTF-8 that is too long": Uint8Array.of(0xc0, 0x9b, 0xe0, 0x80, 0x9b, 0xf0, 0x80, 0x80, 0x9b),
  "half a character": Uint8Array.of(0xf0, 0x9f, 0x98),
  "lone surrogates": Uint8Array.of(0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80),
  "every byte": Uint8Array.from({ length: 256 }, (_, byte) => byte),
};
