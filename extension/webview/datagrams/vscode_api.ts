import type { VsCodeApi as VsCodeApiOf } from "../parts/vscode_api.ts";
import type { FromWebview } from "./protocol.ts";

/** The way from the page of datagrams to the extension host. */
export type VsCodeApi = VsCodeApiOf<FromWebview>;
