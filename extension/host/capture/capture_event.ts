import * as vscode from "vscode";
import type { CaptureState } from "../../api.ts";
import type { Store } from "../base/store.ts";
import { Throttle } from "../base/throttle.ts";
import type { LiveCapture } from "./live_capture.ts";

const FIRE_MS = 50;

/** The API's event: the capture changed, told at most 20 times a second until `store` ends. */
export function captureEvent(live: LiveCapture, store: Store): vscode.Event<CaptureState> {
  const emitter = store.add(new vscode.EventEmitter<CaptureState>());
  const throttle = store.add(
    new Throttle(FIRE_MS, () =>
      emitter.fire({ datagrams: live.capture.length, notRecorded: live.capture.notRecorded }),
    ),
  );
  store.add(live.onDidChange(throttle.trigger));
  return emitter.event;
}
