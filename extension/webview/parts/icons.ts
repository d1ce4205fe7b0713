import { create, setAttributes } from "./dom.ts";

const SVG = "http://www.w3.org/2000/svg";

/** Line drawings in a square of 16. */
const PATHS = {
  close: "M4 4l8 8M12 4l-8 8",
  columns: "M2.5 3.5h11v9h-11zM6.5 3.5v9M10.5 3.5v9",
} as const;

/** A button that is only an icon, as in VS Code's toolbars. `more`: other attributes. */
export function iconButton(
  name: keyof typeof PATHS,
  label: string,
  more: Readonly<Record<string, string>> = {},
): HTMLButtonElement {
  const attributes = { class: "tool", type: "button", "aria-label": label, title: label, ...more };
  return create("button", attributes, icon(name));
}

/** An icon in the colour of the text around it; not told to a screen reader. */
function icon(name: keyof typeof PATHS): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  setAttributes(svg, { class: "icon", viewBox: "0 0 16 16", "aria-hidden": true });
  setAttributes(path, { d: PATHS[name] });
  svg.append(path);
  return svg;
}
