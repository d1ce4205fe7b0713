import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { tappedRows } from "../support/port_rows.ts";
import { pythons } from "../support/pythons.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { cleanWindow } from "./clean_window.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { runAnswering } from "./questions.ts";

/** The first lesson as a learner has typed it, but for the port. */
const SERVER = (port: number) => `import socket

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
# 绑定端口:
s.bind(('127.0.0.1', ${port}))
print('Bind UDP on ${port}...')
while True:
    # 接收数据:
    data, addr = s.recvfrom(1024)
    print('Received from %s:%s.' % addr)
    s.sendto(b'Hello, %s!' % data, addr)
`;
const CLIENT = (port: number) => `import socket

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for data in [b'Michael', b'Tracy', b'Sarah']:
    # 发送数据:
    s.sendto(data, ('127.0.0.1', ${port}))
    # 接收数据:
    print(s.recv(1024).decode('utf-8'))
s.close()
`;
const NAMES = ["Michael", "Tracy", "Sarah"];

describe("the first lesson in Python, in a window", function () {
  this.timeout(300_000);
  let folder: string;
  let workbench: Workbench;
  let port: number;

  before(async function () {
    if (pythons.length === 0) this.skip();
    folder = await mkdtemp(join(tmpdir(), "udp python lesson "));
    workbench = await (await sharedVscode()).openWorkbench({ folder });
  });

  beforeEach(async () => {
    port = await freeUdpPort();
    await writeFile(join(folder, "server.py"), SERVER(port));
    await writeFile(join(folder, "client.py"), CLIENT(port));
    await workbench.openContainer("UDP");
  });

  afterEach(() => cleanWindow(workbench));

  after(async () => {
    await workbench?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** *Run File* at a file of the explorer that is open in the editor, as a learner does. */
  async function runFile(name: string): Promise<void> {
    await workbench.openContainer("Explorer");
    const file = workbench.page.locator(".explorer-folders-view .monaco-list-row");
    await file.filter({ hasText: name }).dblclick();
    await workbench.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await workbench.runCommand("UDP: Run File");
    await workbench.openContainer("UDP");
  }

  const inTerminal = async (name: string, shows: string) => {
    await workbench.terminals.open();
    await workbench.terminals.run(`python3 ${name}`, shows);
  };
  const isBound = () => `Bind UDP on ${port}...`;
  const last = "Hello, Sarah!";

  async function isTheLesson(server: string): Promise<void> {
    const grid = await DatagramsGrid.in(workbench);
    const rows = await grid.waitForDelivered(6);
    assert.deepEqual(
      rows.map(({ Payload }) => Payload),
      NAMES.flatMap((name) => [name, `Hello, ${name}!`]),
    );
    for (const { Note } of rows) assert.match(Note ?? "", /^delivered \d+(\.\d)? (µs|ms)$/);
    const tree = await workbench
      .tree("Bound Ports")
      .waitForRows("the server and who it talked with", (all) => {
        const tapped = tappedRows(all);
        return (
          tapped.length === 2 &&
          tapped.every(({ description }) => description.startsWith("3 in · 3 out"))
        );
      });
    const [bound, peer] = tappedRows(tree);
    assert.equal(bound?.label, `127.0.0.1:${port}`);
    assert.ok(bound?.ariaLabel.includes(server), bound?.ariaLabel);
    assert.match(peer?.label ?? "", /^127\.0\.0\.1:\d+$/);
  }

  it("is six rows, each delivered, with Run File", async () => {
    await runFile("server.py");
    await workbench.terminals.showing(isBound());
    await runFile("client.py");
    await workbench.terminals.showing(last);
    await isTheLesson("server.py");
  });

  describe("by hand in terminals with auto attach on,", () => {
    before(() => workbench.runCommand("UDP: Toggle Auto Attach"));
    after(() => workbench.runCommand("UDP: Toggle Auto Attach"));

    it("is that as well", async () => {
      await inTerminal("server.py", isBound());
      await inTerminal("client.py", last);
      await isTheLesson("server.py");
    });

    it("is that with our client", async () => {
      await inTerminal("server.py", isBound());
      await runAnswering(workbench, "UDP: Start Client...", [undefined, String(port)]);
      await workbench.terminals.showing(last);
      await isTheLesson("server.py");
    });

    it("is that with our server", async () => {
      await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port)]);
      await workbench.terminals.showing(isBound());
      await inTerminal("client.py", last);
      await isTheLesson("udp_server");
    });
  });
});
