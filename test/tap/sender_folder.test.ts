import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONTROL_VARIABLE, TOKEN_VARIABLE } from "../../extension/core/wire/control_variables.ts";
import { SenderProcess } from "../../extension/host/send/sender_process.ts";
import { Stranger } from "../support/script_socket.ts";
import { TapUnderTest } from "./support/tap_file.ts";
import { until } from "./support/until.ts";

describe("the folder that the tapped sender listens in", function () {
  this.timeout(30_000);
  const tapped = TapUnderTest.forSuite();
  let folder: string;
  let sender: SenderProcess;

  before(function () {
    if (process.platform === "win32") this.skip();
  });

  beforeEach(async () => {
    folder = `${tapped.newFolder()}/`;
    mkdirSync(folder, { mode: 0o700 });
    sender = new SenderProcess(() => ({
      path: join(import.meta.dirname, "../../extension/processes/sender/udp_sender.ts"),
      tap: tapped.path,
      folder,
      environment: {
        UDP_TAP_DIR: join(folder, "../captures"),
        [CONTROL_VARIABLE]: folder,
        [TOKEN_VARIABLE]: "token",
      },
    }));
    const stranger = await Stranger.bind();
    await sender.send(
      { address: "127.0.0.1", port: stranger.port, broadcast: false },
      new Uint8Array(1),
    );
    stranger.close();
    await until("it listens", () => readdirSync(folder).includes(`${sender.pid}`));
  });
  afterEach(() => sender?.dispose());

  it("goes with it at the end of the window", async () => {
    sender.dispose();
    await until("the folder is gone", () => !existsSync(folder));
  });

  it("stays where another program listens", async () => {
    const others = join(folder, `${process.pid}`);
    writeFileSync(others, "");
    const { pid } = sender;
    sender.dispose();
    await until("its own is gone", () => !existsSync(join(folder, `${pid}`)));
    assert.deepEqual(readdirSync(folder), [`${process.pid}`]);
  });
});
