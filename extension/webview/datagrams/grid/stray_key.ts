const KEYS: ReadonlySet<string> = new Set([
  "ArrowDown",
  "ArrowUp",
  "PageDown",
  "PageUp",
  "Home",
  "End",
  "Enter",
  "ContextMenu",
]);

/**
 * Whether a key means the grid although nothing in the page has the focus: so it is when VS Code has just focused the
 * view by its command. The grid must not take the focus before, unasked: VS Code focuses a page for a moment when its
 * palette closes, and the next question would lose the focus. Keys that mean something to VS Code stay its own.
 */
export function isStrayKey(event: KeyboardEvent): boolean {
  const { activeElement, body } = document;
  if ((activeElement && activeElement !== body) || !document.hasFocus()) return false;
  const { key, altKey, shiftKey } = event;
  if (event.defaultPrevented || altKey) return false;
  if (event.ctrlKey || event.metaKey) return !shiftKey && key.toLowerCase() === "c";
  return shiftKey ? key === "F10" : KEYS.has(key);
}
