import * as vscode from "vscode";
import type { CaptureState } from "../../api.ts";
import { Throttle } from "../base/throttle.ts";
import type { LiveCapture } from "./live_capture.ts";

const FIRE_MS = 50;

/** The API's event: the capture changed, told at most 20 times a second. */
export function captureEvent(
  live: LiveCapture,
): vscode.EventEmitter<CaptureState> & vscode.Disposable {
  const emitter = new vscode.EventEmitter<CaptureState>();
  const throttle = new Throttle(FIRE_MS, () =>
    emitter.fire({ datagrams: live.capture.length, notRecorded: live.capture.notRecorded }),
  );
  const listener = live.onDidChange(throttle.trigger);
  const dispose = emitter.dispose.bind(emitter);
  return Object.assign(emitter, {
    dispose: () => {
      listener.dispose();
      throttle.dispose();
      dispose();
    },
  });
}
