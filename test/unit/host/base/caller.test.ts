import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commandTable, type Workbench } from "../../../../extension/command_table.ts";
import type { Command, CommandId } from "../../../../extension/host/base/command.ts";
import type { TreeLine } from "../../../../extension/host/base/place.ts";
import { projectFolder } from "../../../support/cache_folder.ts";
import { handedOver } from "../../../support/handed_over.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

type AnyCommand = Command<CommandId, unknown>;

describe("Who runs a command", () => {
  let callerOf: typeof import("../../../../extension/host/base/caller.ts").callerOf;
  let fromMenus: Readonly<Record<string, unknown[]>>;
  let lines: TreeLine[];
  const commands: AnyCommand[] = [];

  before(async () => {
    standInForVscode();
    ({ callerOf } = await import("../../../../extension/host/base/caller.ts"));
    const { Uri } = await import("vscode");
    fromMenus = handedOver(Uri.file("/a.ts"), Uri.parse("webview-panel:webview-panel/webview-1"));
    const { OthersNode, PeerNode, SocketNode } = await import(
      "../../../../extension/host/ports/nodes.ts"
    );
    const socket = new SocketNode({ id: 1 } as never);
    lines = [socket, new PeerNode(socket, { address: "::1", port: 9 } as never), new OthersNode()];
    const none = async () => ({});
    const table = commandTable({ sending: none } as unknown as Workbench);
    for (const load of Object.values(table)) commands.push((await load()) as AnyCommand);
  });

  const run = ({ id, options }: AnyCommand, ...given: unknown[]) => callerOf(id, given, options);

  it("is a person, whatever menu, key or button VS Code has it from", () => {
    assert.ok(commands.length > 30);
    for (const command of commands) {
      for (const [origin, given] of Object.entries(fromMenus)) {
        assert.equal(run(command, ...given).by, "person", `${command.id} from ${origin}`);
      }
      for (const line of lines) {
        for (const selected of [undefined, [line]]) {
          const caller = run(command, line, selected);
          assert.deepEqual(caller, { by: "person", place: { kind: "treeLine", line } }, command.id);
        }
      }
    }
  });

  it("is a person at a place where VS Code hands one over, and nowhere else", () => {
    const [command] = commands;
    assert.ok(command);
    const placesOf = (name: RegExp) =>
      Object.entries(fromMenus)
        .filter(([origin]) => name.test(origin))
        .map(([, given]) => {
          const caller = run(command, ...given);
          return caller.by === "person" ? caller.place?.kind : "none";
        });
    assert.deepEqual(placesOf(/palette|view's menu|webview view|tree/), Array(5).fill(undefined));
    assert.deepEqual(placesOf(/row/), ["row"]);
    assert.deepEqual(placesOf(/explorer|file's editor/), ["file", "file"]);
  });

  it("is a person whose line was lost on the way, where the command has its place at lines alone", () => {
    type Entry = { readonly command?: string; readonly when?: string };
    const text = readFileSync(join(projectFolder, "package.json"), "utf8");
    const { menus } = JSON.parse(text).contributes as { menus: Record<string, Entry[]> };
    const inTreeTitle = (menus["view/title"] ?? []).filter(
      ({ when }) => !when?.includes("view == udpWorkbench.datagrams"),
    );
    const atLines = new Set((menus["view/item/context"] ?? []).map(({ command }) => command));
    for (const { command } of inTreeTitle)
      assert.ok(!atLines.has(command), `${command} is at both`);
    for (const command of commands) {
      const caller = run(command, undefined, undefined);
      assert.equal(caller.by, "person");
      assert.equal(
        caller.by === "person" && caller.problem?.message,
        atLines.has(command.id)
          ? `Cannot run ${command.id}: its line was drawn anew just then; choose it once more.`
          : undefined,
      );
      // The palette hands over nothing at all.
      for (const given of [[], [undefined]]) {
        assert.deepEqual(run(command, ...given), { by: "person", place: undefined });
      }
    }
  });

  it("is a program where it gives nothing but options of the command, whatever their values", () => {
    for (const command of commands) {
      const all = Object.fromEntries(Object.keys(command.options).map((name) => [name, null]));
      const each = Object.keys(all).map((name) => ({ [name]: Symbol() }));
      for (const options of [{}, all, ...each]) {
        assert.deepEqual(run(command, options), { by: "program", options }, command.id);
      }
    }
  });

  it("is a program that is told which options there are where it gives one that there is not", () => {
    for (const command of commands) {
      const [name] = Object.keys(command.options);
      if (name === undefined) continue;
      const given = { [name]: 1, "no\u001b[2Jsuch": 2, other: 3 };
      assert.throws(
        () => run(command, given),
        (error: Error) => {
          assert.match(error.message, /^Cannot run udpWorkbench\.\w+: it has no option no\\x1b/);
          assert.ok(error.message.includes("such, other; its options are "));
          assert.ok(error.message.includes(Object.keys(command.options).join(", ")));
          return error.name === "HumanError";
        },
      );
    }
  });

  it("is a program that is told so where it gives no object", () => {
    for (const command of commands) {
      for (const given of [0, 5, "", "text", true, [], [{}], () => {}, new Map(), new Date()]) {
        assert.throws(() => run(command, given), /must be an object that holds its options/);
      }
    }
  });
});

describe("Each command", () => {
  it("stands in the table under its own name", async () => {
    standInForVscode();
    const table = commandTable({ sending: async () => ({}) } as unknown as Workbench);
    for (const [id, load] of Object.entries(table)) assert.equal((await load()).id, id);
  });
});
