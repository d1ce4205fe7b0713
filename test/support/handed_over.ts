/** The keyboard event that a menu's entry hands over when it is chosen with Enter, as data. */
const KEYBOARD_EVENT = {
  _standardKeyboardEventBrand: true,
  browserEvent: { isTrusted: true },
  target: {},
  ctrlKey: false,
  shiftKey: false,
  altKey: false,
  metaKey: false,
  altGraphKey: false,
  keyCode: 3,
  code: "Enter",
};

/**
 * What VS Code hands to a command, by where a person runs it from, as seen in VS Code 1.139. Trees are missing: they
 * hand over their lines, which only the extension has.
 */
export function handedOver(file: unknown, panel: unknown): Readonly<Record<string, unknown[]>> {
  return {
    "the palette, a key, the status bar": [],
    "a program that passes nothing": [undefined],
    "the window's process, where something was left out": [null],
    "an icon of a webview view": [undefined],
    "an entry of a view's menu, by mouse": [{ preserveFocus: false }],
    "an icon or an entry of a view's menu, by keyboard": [KEYBOARD_EVENT],
    "an icon of a tree beside other views, nothing selected": [undefined, undefined],
    "the context menu of a row": [
      {
        "udpWorkbench.row": true,
        preventDefaultContextMenuItems: true,
        webview: "udpWorkbench.datagrams",
      },
    ],
    "an icon of a webview panel": [panel, { groupId: 0 }],
    "an icon of a file's editor": [file, { groupId: 0 }],
    "the explorer": [file, [file]],
  };
}
