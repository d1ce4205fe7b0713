import assert from "node:assert/strict";
import type { Command, CommandTable } from "../../../../extension/host/base/command.ts";
import type { CommandRegistrar } from "../../../../extension/host/base/command_registrar.ts";
import type { Place } from "../../../../extension/host/base/place.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

const ID = "udpWorkbench.toggleAutoAttach";
type Toggle = Command<typeof ID, { readonly on: boolean }>;

interface StandIn {
  readonly registered: ReadonlyMap<string, (...given: unknown[]) => Promise<unknown>>;
  readonly shown: string[];
  /** What a person presses in the next messages. */
  readonly choose: (label: string | undefined) => void;
  readonly workspace: { isTrusted: boolean };
}

describe("CommandRegistrar", () => {
  let vscode: StandIn;
  let HumanError: typeof import("../../../../extension/host/base/human_error.ts").HumanError;
  let Registrar: typeof CommandRegistrar;
  let registrar: CommandRegistrar;
  let logged: unknown[];
  let done: string[];
  let loads: number;

  before(async () => {
    standInForVscode();
    vscode = (await import("vscode")) as unknown as StandIn;
    ({ HumanError } = await import("../../../../extension/host/base/human_error.ts"));
    ({ CommandRegistrar: Registrar } = await import(
      "../../../../extension/host/base/command_registrar.ts"
    ));
  });

  afterEach(() => {
    vscode.choose(undefined);
    registrar.dispose();
    assert.equal(vscode.registered.size, 0);
    vscode.workspace.isTrusted = true;
  });

  /** Registers one command; what it does is noted in `done`. */
  function register(other: Partial<Toggle> = {}, id: string = ID): void {
    [logged, done, loads] = [[], [], 0];
    vscode.shown.splice(0);
    const command: Toggle = {
      id: ID,
      options: { on: true },
      parse: ({ on }) => {
        if (typeof on !== "boolean") throw new HumanError("Cannot: on is true or false");
        return { on };
      },
      ask: async (place) => {
        done.push(`asked at ${place?.kind}`);
        return { on: true };
      },
      run: async ({ on }) => {
        done.push(`run ${on}`);
        return { on };
      },
      ...other,
    };
    const load = async () => {
      loads++;
      return command;
    };
    const log = { error: (error: unknown) => logged.push(error) };
    registrar = new Registrar({ [id]: load } as unknown as CommandTable, log as never);
  }

  const run = (...given: unknown[]) => vscode.registered.get(ID)?.(...given);

  it("tells a person whose line was lost on the way, and neither asks nor runs", async () => {
    const ofLines = "udpWorkbench.stop";
    register({}, ofLines);
    const chosen = vscode.registered.get(ofLines) ?? assert.fail();
    assert.equal(await chosen(undefined, undefined), undefined);
    assert.deepEqual(done, []);
    assert.match(vscode.shown.join(), /^Cannot run udpWorkbench\.stop: its line was drawn anew/);
    await chosen();
    assert.deepEqual(done, ["asked at undefined", "run true"]);
  });

  it("runs it for a program, with its options checked, and asks nothing", async () => {
    register();
    assert.equal(loads, 0);
    assert.deepEqual(await run({ on: false }), { on: false });
    assert.deepEqual(done, ["run false"]);
    await assert.rejects(async () => run({ on: 1 }), /^HumanError: Cannot: on is true or false$/);
    await assert.rejects(async () => run({}), /on is true or false/);
    await assert.rejects(async () => run({ on: true, off: true }), /it has no option off/);
    assert.deepEqual([done, vscode.shown, logged], [["run false"], [], []]);
  });

  it("runs it for a person, who is asked at the place where they are", async () => {
    register();
    assert.deepEqual(await run(), { on: true });
    assert.deepEqual(await run({ preserveFocus: false }), { on: true });
    await run({ "udpWorkbench.row": true, webview: "udpWorkbench.datagrams" });
    const place: Place = { kind: "datagram", captureId: "a", id: 5 };
    await registrar.runAt(ID, place);
    assert.deepEqual(done, [
      ...["asked at undefined", "run true", "asked at undefined", "run true"],
      ...["asked at row", "run true", "asked at datagram", "run true"],
    ]);
  });

  it("runs for a person what is theirs alone, and nothing when they gave up", async () => {
    register({ runForPerson: async () => void done.push("for a person") });
    assert.equal(await run(), undefined);
    assert.deepEqual(done.splice(0), ["asked at undefined", "for a person"]);
    assert.deepEqual(await run({ on: true }), { on: true });
    registrar.dispose();
    register({ ask: async () => undefined });
    assert.equal(await run(), undefined);
    assert.deepEqual(done, []);
  });

  it("tells a person in one notification what went wrong, and a program by an error", async () => {
    for (const [thrown, text, isLogged] of [
      [new HumanError("Cannot do it: why."), /^Cannot do it: why\.$/, false],
      [
        new TypeError("x is not\u001b[2J"),
        /^Cannot run udp.*: x is not\\x1b\[2J; the output/,
        true,
      ],
      ["a text", /^Cannot run udp.*: a text; the output channel UDP Workbench tells more\.$/, true],
    ] as const) {
      register({ run: () => Promise.reject(thrown) });
      assert.equal(await run(), undefined);
      assert.equal(vscode.shown.length, 1);
      assert.match(vscode.shown[0] ?? "", text);
      await assert.rejects(
        async () => run({ on: true }),
        (error: Error) => error instanceof HumanError && text.test(error.message),
      );
      assert.equal(vscode.shown.length, 1);
      assert.equal(logged.length, isLogged ? 2 : 0);
      registrar.dispose();
    }
  });

  it("starts no program in a window that is not trusted, whoever asks", async () => {
    register({ needsTrust: true });
    vscode.workspace.isTrusted = false;
    assert.equal(await run(), undefined);
    assert.match(vscode.shown.join(), /^Cannot start a program in Restricted Mode/);
    await assert.rejects(async () => run({ on: true }), /in Restricted Mode/);
    assert.deepEqual(done, []);
  });

  it("offers what can be done about an error with a click, and does it", async () => {
    const { button } = await import("../../../../extension/host/base/notify.ts");
    const remedies = ["One", "Other"].map((label) => ({
      label: button(label),
      run: () => done.push(label),
    }));
    register({
      run: async () => {
        throw new HumanError("Cannot: no way", remedies);
      },
    });
    vscode.choose("Other");
    await vscode.registered.get(ID)?.();
    assert.deepEqual(vscode.shown, ["Cannot: no way", "One", "Other"]);
    assert.deepEqual(done, ["asked at undefined", "Other"]);
  });
});
