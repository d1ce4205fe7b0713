import { Direction } from "../../core/files/capture_sink.ts";

/** Names of the directions, as the API and the webview have them. */
const DIRECTIONS = {
  [Direction.unknown]: "unknown",
  [Direction.in]: "in",
  [Direction.out]: "out",
} as const;

export function directionName(direction: Direction): "in" | "out" | "unknown" {
  return DIRECTIONS[direction];
}
