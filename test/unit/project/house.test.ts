import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { codesIn, ROOT, readText } from "../support/markdown.ts";

const page = readText("docs/architecture.md");

/** The folders of one level below another, each with a slash behind it. */
function foldersIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${folder}/${name}/`);
}

describe("docs/architecture.md", () => {
  const codes = codesIn(page);

  it("names only paths that exist", () => {
    const paths = codes.filter((code) =>
      /^(extension|scripts|test|docs|package)\b.*[/.]/.test(code),
    );
    assert.ok(paths.length > 60, `${paths.length}`);
    for (const path of paths) assert.ok(existsSync(join(ROOT, path)), path);
    for (const path of codes.filter((code) => /^core\/\w+\/$/.test(code))) {
      assert.ok(existsSync(join(ROOT, "extension", path)), path);
    }
  });

  it("names on each way only files of the folder that was named before them", () => {
    let folder = "";
    let found = 0;
    for (const code of codesIn(page.split("## The way of a datagram")[1] ?? "")) {
      if (code.startsWith("extension/")) folder = code.slice(0, code.lastIndexOf("/"));
      else if (/^\w+\.ts$/.test(code)) {
        assert.ok(existsSync(join(ROOT, folder, code)), `${folder}/${code}`);
        found++;
      }
    }
    assert.ok(found > 5, `${found}`);
  });

  it("names each room", () => {
    const places = ["core", "host", "taps", "processes", "webview"];
    const rooms = places.flatMap((place) => foldersIn(`extension/${place}`));
    assert.ok(rooms.length > 25);
    for (const room of [...foldersIn("extension"), ...rooms]) {
      assert.ok(codes.includes(room), `${room} is not on the page`);
    }
  });

  it("takes each step of a way to a file that the step before knows, or that is sent to", () => {
    // Not every import: those on which the story hangs, so that it is told anew when they change.
    const knows: readonly (readonly [file: string, other: string])[] = [
      ["extension/taps/node/socket_observer.ts", "recorder.ts"],
      ["extension/taps/node/block_buffer.ts", "pcapng/writer.ts"],
      ["extension/core/capture/file_sink.ts", "capture_sink.ts"],
      ["extension/host/datagrams/datagrams_page.ts", "page_answers.ts"],
      ["extension/host/datagrams/page_answers.ts", "rows_answer.ts"],
      ["extension/host/send/outbox.ts", "control_client.ts"],
      ["extension/taps/node/control_server.ts", "control_actions.ts"],
    ];
    for (const [file, other] of knows) {
      assert.ok(codes.includes(file) || codes.includes(file.split("/").at(-1) ?? ""), file);
      assert.ok(
        readFileSync(join(ROOT, file), "utf8").includes(other),
        `${file} knows no ${other}`,
      );
    }
  });
});
