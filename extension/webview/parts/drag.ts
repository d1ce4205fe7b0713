/**
 * Follows the pointer from the press of its main button to its release, wherever it goes. Call it in `pointerdown`;
 * false where it was another button.
 */
export function followDrag(
  element: HTMLElement,
  { button, pointerId }: PointerEvent,
  moved: (event: PointerEvent) => void,
  ended: () => void = () => {},
): boolean {
  if (button !== 0) return false;
  const released = new AbortController();
  const { signal } = released;
  element.setPointerCapture(pointerId);
  element.addEventListener("pointermove", moved, { signal });
  const end = () => {
    released.abort();
    ended();
  };
  element.addEventListener("lostpointercapture", end, { signal });
  return true;
}
