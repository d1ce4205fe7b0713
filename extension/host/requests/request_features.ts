import * as vscode from "vscode";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import type { TaskPlaces } from "../launch/udp_task.ts";
import { reachableAt } from "../send/target.ts";
import { Environments } from "./environments.ts";
import { RequestDefinitions } from "./request_definitions.ts";
import { registerRequestEditing } from "./request_editing.ts";
import { RequestLanguage } from "./request_language.ts";
import { registerRequestNames } from "./request_names.ts";
import { RequestTests } from "./request_tests.ts";
import { giveNames } from "./request_texts.ts";
import { ServingBlocks } from "./serving_blocks.ts";

export interface RequestContext {
  /** Of the workspace. */
  readonly state: vscode.Memento;
  readonly live: LiveCapture;
  readonly places: TaskPlaces;
}

/** Peers that are proposed for each port. */
const MOST_PEERS = 5;
const MOST_ENDS = 50;

/** All that there is for request files. */
export function requestFeatures({ live, places, state }: RequestContext): vscode.Disposable {
  const environments = new Environments(state);
  giveNames(environments.values);
  const definitions = new RequestDefinitions();
  const tests = new RequestTests(places, definitions);
  const serving = new ServingBlocks();
  const language = new RequestLanguage(definitions, serving, (it) => tests.show(it));
  return vscode.Disposable.from(
    environments,
    definitions,
    serving,
    environments.onDidChange(() => {
      giveNames(environments.values);
      language.checkAll();
    }),
    tests,
    language,
    registerRequestEditing(definitions, () => endsOf(live)),
    registerRequestNames(),
  );
}

/** Where datagrams may go: ports that are bound, and who has sent something to them. */
function endsOf({ capture }: LiveCapture): readonly string[] {
  const sockets = boundSockets(capture);
  const bound = sockets.flatMap(({ local }) => (local ? [formatEndpoint(reachableAt(local))] : []));
  const peers = sockets.flatMap(({ place }) =>
    capture.peers.of(place, MOST_PEERS).latest.map((peer) => formatEndpoint(peer)),
  );
  return [...new Set([...bound, ...peers])].slice(0, MOST_ENDS);
}
