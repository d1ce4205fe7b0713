import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlPath } from "../../../../extension/core/wire/control_message.ts";
import { MOST_PATH_BYTES } from "../../../../extension/core/wire/control_variables.ts";
import { ControlPlace } from "../../../../extension/host/control/control_place.ts";

/** No process has it: Linux's largest id is 2^22. */
const NO_PID = 4_194_305;

describe("ControlPlace", () => {
  let captures: string;
  const made: string[] = [];

  before(function () {
    if (process.platform === "win32") this.skip();
  });

  beforeEach(() => {
    captures = mkdtempSync(join(tmpdir(), "udp-workbench-place-"));
  });

  afterEach(async () => {
    for (const folder of [captures, ...made.splice(0)]) {
      await rm(folder, { recursive: true, force: true });
    }
  });

  async function open(): Promise<ControlPlace> {
    const place = await ControlPlace.open(captures);
    assert.ok(place);
    if (!made.includes(place.place)) made.push(place.place);
    return place;
  }

  it("is private, and its paths are short enough", async () => {
    const { place, token, environment } = await open();
    assert.equal(statSync(place).mode & 0o777, 0o700);
    assert.equal(statSync(join(captures, "control.json")).mode & 0o777, 0o600);
    assert.match(token, /^[0-9a-f]{64}$/);
    assert.deepEqual(environment, { UDP_TAP_CONTROL: place, UDP_TAP_TOKEN: token });
    assert.ok(Buffer.byteLength(controlPath(place, 4_194_304, 999)) <= MOST_PATH_BYTES);
  });

  it("is the same again after a reload, with the sockets of programs that live", async () => {
    const { place, token } = await open();
    const [alive, dead] = [process.pid, NO_PID].map((pid) => controlPath(place, pid, 0));
    for (const path of [alive, dead]) writeFileSync(path ?? "", "");
    const again = await open();
    assert.deepEqual([again.place, again.token], [place, token]);
    assert.deepEqual(
      [alive, dead].map((path) => existsSync(path ?? "")),
      [true, false],
    );
  });

  it("is the same in all windows that open at once", async () => {
    const windows = await Promise.all(Array.from({ length: 8 }, open));
    assert.equal(new Set(windows.map(({ place, token }) => place + token)).size, 1);
    assert.deepEqual(readdirSync(captures), ["control.json"]);
  });

  it("comes back under its name where somebody has cleaned up, and goes only where no program listens", async () => {
    const { place, token } = await open();
    await rm(place, { recursive: true });
    const again = await open();
    assert.deepEqual([again.place, again.token], [place, token]);
    assert.equal(statSync(again.place).mode & 0o777, 0o700);
    const [alive = "", dead = ""] = [process.pid, NO_PID].map((pid) => controlPath(place, pid, 1));
    for (const path of [alive, dead]) writeFileSync(path, "");
    await ControlPlace.remove(captures);
    assert.deepEqual([alive, dead].map(existsSync), [true, false]);
  });

  it("goes with its capture folder, and nothing else does, whatever the file says", async () => {
    const { place, token } = await open();
    await ControlPlace.remove(captures);
    assert.equal(existsSync(place), false);
    const foreign = mkdtempSync(join(tmpdir(), "udp-workbench-foreign-"));
    made.push(foreign);
    writeFileSync(join(captures, "control.json"), JSON.stringify({ place: `${foreign}/`, token }));
    await ControlPlace.remove(captures);
    assert.ok(existsSync(foreign));
    await rm(join(captures, "control.json"));
    await ControlPlace.remove(captures);
  });

  it("leaves files alone that no program of ours has made", async () => {
    const { place } = await open();
    const notes = join(place, `${NO_PID} notes.txt`);
    writeFileSync(notes, "");
    await ControlPlace.remove(captures);
    assert.ok(existsSync(notes));
  });

  it("is another one where others can look into it, somebody has its name, or the file says nonsense", async () => {
    const file = join(captures, "control.json");
    const first = await open();
    chmodSync(first.place, 0o755);
    const second = await open();
    assert.notEqual(second.token, first.token);
    await rm(second.place, { recursive: true });
    symlinkSync(captures, second.place.slice(0, -1));
    const third = await open();
    assert.notEqual(third.token, second.token);
    const { token } = JSON.parse(readFileSync(file, "utf8")) as { token: string };
    for (const nonsense of [
      "",
      "{}",
      "[]",
      `{"place":"/etc/","token":"x"}`,
      `{"place":1,"token":"${token}"}`,
    ]) {
      writeFileSync(file, nonsense);
      assert.notEqual((await open()).token, token, nonsense);
    }
  });
});
