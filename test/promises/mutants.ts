import type { Mutant } from "../mutation/mutants.ts";

/** A few characters of a source file, of which there is one place, and what stands there when a promise is broken. */
interface Break {
  /** Path from the project's root. */
  readonly file: string;
  readonly code: string;
  readonly instead: string;
}

/** For each promise of SECURITY.md, by its sentence, a slip of a hand that breaks it. */
export const MUTANTS: Readonly<Record<string, Break>> = {
  // Bytes
  "Any bytes are read or refused: in a capture file, a filter, a payload, a control message, a message of a view, a table of the system. Nothing hangs, and no row shows that was not there":
    {
      file: "extension/core/files/pcapng/reader.ts",
      code: "if (packetEnd > end) {",
      instead: "if (false) {",
    },
  "A capture file that is cut or damaged is read up to there, and says where that is": {
    file: "extension/host/capture/saved_capture.ts",
    code: 'return [captureProblem("unfinished", size - offset, offset)];',
    instead: "return [];",
  },
  "A definition of a protocol is data: it is read or refused, runs no code, and its steps, depth and output are bounded":
    {
      file: "extension/core/kaitai/run.ts",
      code: "if (text.length > LONGEST_TEXT) throw",
      instead: "if (false) throw",
    },
  "A packed capture is unpacked up to a limit, and says so": {
    file: "extension/host/capture/unpacked_file.ts",
    code: "if (this.#size + bytes.length > this.#limit) {",
    instead: "if (false) {",
  },
  "What a file describes is remembered up to a limit, however small it is packed, and the limit is said":
    {
      file: "extension/core/files/pcapng/reader.ts",
      code: "this.#earlierInterfaces += this.#interfaces.length;",
      instead: "this.#earlierInterfaces = this.#interfaces.length;",
    },
  "What is in a capture file takes memory in proportion to the file on the disk, beyond what any may take; where that ends is said":
    {
      file: "extension/core/capture/memory_gauge.ts",
      code: "const REFUSED_FLOW = 1000;",
      instead: "const REFUSED_FLOW = 100;",
    },
  "A length that a file claims has no memory set aside for it": {
    file: "extension/core/files/pcapng/reader.ts",
    code: " || length > MAX_BLOCK) {",
    instead: ") {",
  },
  "However many datagrams are alike, in their ports, their addresses or their payloads, the work for each stays the same":
    {
      file: "extension/core/capture/pairing.ts",
      code: "export const REACH = 1024;",
      instead: "export const REACH = 1 << 20;",
    },
  "However many sockets there are, only those on the port that a datagram went to are looked at": {
    file: "extension/core/capture/receivers.ts",
    code: "if (this.#revision === revision) return;",
    instead: "",
  },
  "Nobody can choose addresses, ports or payloads that fall into one place of a table: each process hashes with a key of its own":
    {
      file: "extension/core/capture/hash.ts",
      code: "crypto.getRandomValues(words)",
      instead: "words.fill(0x9e3779b1)",
    },
  "A file whose disk does not answer, such as one on a share whose server is gone, holds up nothing but itself":
    {
      file: "extension/host/capture/turns_of_disk.ts",
      code: "const AT_ONCE = 2;",
      instead: "const AT_ONCE = 4;",
    },
  "A capture of another scheme, such as a committed version, is that one, and not the file of the same path":
    {
      file: "extension/host/capture/local_file.ts",
      code: 'if (uri.scheme === "file") return',
      instead: "if (uri.fsPath) return",
    },

  // Screens
  "A datagram is inert text in a terminal: nothing is typed, and the clipboard stays as it is": {
    file: "scripts/udp_client.ts",
    code: "const bare = printable(data);",
    instead: "const bare = data.toString();",
  },
  "A datagram is inert text in the table: no markup, no link, no script": {
    file: "extension/webview/datagrams/grid/row_view.ts",
    code: 'else this.#payload.replaceChildren(...this.#marked(row?.preview ?? ""));',
    instead: 'else this.#payload.innerHTML = row?.preview ?? "";',
  },
  "A name is no icon in the views, whatever a program calls itself": {
    file: "extension/core/text/printable.ts",
    code: 'leftToRight(printableText.replaceAll("$(", "\\\\x24("))',
    instead: 'leftToRight(printableText.replace("$(", "\\\\x24("))',
  },
  "A name is no link in a message, and no escape sequence or hidden text in a tooltip, the status bar or a terminal's title":
    {
      file: "extension/core/text/printable.ts",
      code: 'return withoutIcons(printableText).replaceAll("](", "]\\\\x28");',
      instead: "return withoutIcons(printableText);",
    },
  "No cell of an exported CSV is a formula, whether a comma or a semicolon separates": {
    file: "extension/core/text/csv.ts",
    code: "const FORMULA = /(^|;)",
    instead: "const FORMULA = /(^)",
  },

  // Losses
  "Each datagram of a flood is shown, or counted as missing": {
    file: "extension/core/capture/file_sink.ts",
    code: "if (datagram.payloadFileOffset < clearedBefore) {",
    instead: "if (datagram.payloadFileOffset % 1024 < clearedBefore + 8) {",
  },
  "A full disk is survived, and what could not be kept is counted": {
    file: "extension/taps/node/tapped_socket.ts",
    code: "this.#dropped += this.#unflushed;",
    instead: "",
  },
  "A read-only folder or a full disk is said in the view, with what to do": {
    file: "extension/host/capture/folder_obstacle.ts",
    code: "EROFS|",
    instead: "",
  },
  "Where VS Code's folder cannot be used, datagrams are kept in a private one elsewhere, and the view says so":
    {
      file: "extension/host/capture/open_folder.ts",
      code: "    remark: words.keptElsewhereText(",
      instead: "    remark: ((..._: unknown[]) => undefined)(",
    },
  "A slow disk holds a program up for a tenth of its time at most, and what does not fit into memory is counted":
    {
      file: "extension/taps/node/segments.ts",
      code: "const REST_FACTOR = 9;",
      instead: "const REST_FACTOR = 4;",
    },
  "A window that reloads in a flood, or whose extension host is killed, shows each datagram once": {
    file: "extension/host/capture/segment_file.ts",
    code: "    this.#offset += consumed;",
    instead: "    if (this.#offset < 400_000) this.#offset += consumed;",
  },
  "A VS Code that is killed leaves a watched program as it was, and the next window shows all that came meanwhile":
    {
      file: "extension/host/capture/capture_folder.ts",
      code: ".update(workspaceUri)",
      instead: ".update(workspaceUri + process.pid)",
    },
  "The capture folder keeps within its quota, and what had to go is counted": {
    file: "extension/taps/node/folder_quota.ts",
    code: "return this.#quota - pages * PAGE_BYTES;",
    instead: "return 2 * this.#quota - pages * PAGE_BYTES;",
  },
  "A program that is killed leaves what it had written, whole": {
    file: "extension/taps/node/segment_file.ts",
    code: "written += this.#fs.writeSync(this.#descriptor, bytes, written, bytes.length - written);",
    instead:
      "written += this.#fs.writeSync(this.#descriptor, bytes, written, bytes.length - written - 4) + 4;",
  },
  "Where a program ended in the midst of a packet, or its file was spoiled, the view says so, and from where on":
    {
      file: "extension/host/capture/followed_segment.ts",
      code: "return this.isFinished && unfinished > 0",
      instead: "return this.isFinished && unfinished < 0",
    },
  "What lies in the capture folder and is no file, such as a pipe, is told once in the view, and never waited for":
    {
      file: "extension/host/capture/followed_segment.ts",
      code: 'if (!stats.isFile()) return this.#change("notFile");',
      instead: 'if (!stats.isFile()) return "same";',
    },
  "Of a file there that was cut shorter or replaced by another one, the view says so, and shows no row":
    {
      file: "extension/host/capture/followed_segment.ts",
      code: "isOther || stats.size < this.offset",
      instead: "isOther",
    },
  "A program that exits right after its last send loses nothing": {
    file: "extension/taps/node/recorder.ts",
    code: "for (const finish of this.unfinished) finish(UNFINISHED);",
    instead: "",
  },
  "Where the clock of the machine is set, programs agree about the time again: soon, or after twice as long as it was set back":
    {
      file: "extension/taps/node/clock.ts",
      code: "if (behindMs > DRIFT_MS) this.#originMs += behindMs;\n    else if",
      instead: "if",
    },
  "Whatever a program under strace sends, its output cannot be taken for what strace says of it: each byte is two digits":
    {
      file: "extension/core/strace/command_line.ts",
      code: '"-yy", "-xx",',
      instead: '"-yy",',
    },
  "Nobody is left with a bad network: the rules on a port end within ten seconds when the window that has set them is killed":
    {
      file: "extension/taps/node/rules.ts",
      code: "if (++this.#silence > RULES_SILENCE_S) neverThrows",
      instead: "if (false) neverThrows",
    },
  "A program runs as without us where it cannot be recorded": {
    file: "extension/taps/node/segments.ts",
    code: "    } catch {\n      this.end();",
    instead: "    } catch (error) {\n      console.error(error);\n      this.end();",
  },

  // Others on the machine
  "No other user can read the captures or reach a watched program": {
    file: "extension/taps/node/segments.ts",
    code: "fs.mkdirSync(folder, { mode: 0o700 });",
    instead: "fs.mkdirSync(folder, { mode: 0o755 });",
  },
  "A watched program does nothing for who does not know the window's token": {
    file: "extension/taps/node/control_server.ts",
    code: 'return timingSafeEqual(Buffer.from(one, "hex"), Buffer.from(other, "hex"));',
    instead: "return one.length === other.length;",
  },
  "It does what was asked as it was asked, once, and nothing that was asked of another program": {
    file: "extension/taps/node/control_server.ts",
    code: 'const nonce = randomBytes(32).toString("hex");',
    instead: 'const nonce = "0".repeat(64);',
  },
  "Half a request, none, or one without end holds nobody up": {
    file: "extension/taps/node/control_server.ts",
    code: "const deadline = setTimeout(() => connection.destroy(), CONTROL_PATIENCE_MS);",
    instead: "const deadline = setTimeout(() => {}, CONTROL_PATIENCE_MS);",
  },
  "The token is on no command line, and in no log, capture or export": {
    file: "extension/taps/node/recorder.ts",
    code: "comments: [RECONSTRUCTED_HEADERS],",
    instead: 'comments: [RECONSTRUCTED_HEADERS, process.env.UDP_TAP_TOKEN ?? ""],',
  },
  "What looks like a secret among the arguments of a program (`--password x`, `token=x`) is `***` in tooltips":
    {
      file: "extension/core/system/secrets.ts",
      code: "if (isValue) return MASK;",
      instead: "",
    },
  "Nothing is recorded into a folder that others can write to, or that another user has made": {
    file: "extension/taps/node/own_folder.ts",
    code: "const OTHERS_WRITE = 0o022;",
    instead: "const OTHERS_WRITE = 0o002;",
  },
  "Nothing is recorded through a link, or into a file that was there before": {
    file: "extension/taps/node/segment_file.ts",
    code: 'fs.openSync(path, "wx", 0o600)',
    instead: 'fs.openSync(path, "a", 0o600)',
  },
  "An export goes through no link that somebody has planted where it is written": {
    file: "extension/host/export/export_capture.ts",
    code: "await rename(partial, path);",
    instead: 'await (await import("node:fs/promises")).copyFile(partial, path);',
  },
  "*Stop* ends the program that was recorded, and no other process that has its number by now, or outside a container":
    {
      file: "extension/host/system/recorded_process.ts",
      code: "writerOf(basename(path)) === writer;",
      instead: "writerOf(basename(path)) !== undefined;",
    },

  // Workspaces
  "In a workspace that you do not trust, no server, client, file or command is started": {
    file: "package.json",
    code: '"icon": "$(play)",\n        "enablement": "isWorkspaceTrusted"',
    instead: '"icon": "$(play)"',
  },
  "What is preloaded into a Python program leaves its `sys.path` as it would be: none of its imports is looked for beside the tap":
    {
      file: "extension/taps/python/sitecustomize.py",
      code: "    _leave_path(folder, os, sys)\n    try:",
      instead: "    try:",
    },
  "No setting of a workspace chooses the executable, trusted or not": {
    file: "package.json",
    code: '"scope": "machine",\n          "order": 2,',
    instead: '"scope": "machine-overridable",\n          "order": 2,',
  },

  // The network
  // No mutant here sends anything to another machine: without its dialog, the question stays open.
  "Nothing is sent to another machine, a group or a broadcast address unless you confirm it in a dialog":
    {
      file: "extension/host/base/notify.ts",
      code: "modal: true",
      instead: "modal: false",
    },
  "What sends there without a person, such as a key binding or another extension, has to say so": {
    file: "extension/host/send/consent.ts",
    code: "confirmed: confirmed === true",
    instead: "confirmed: Boolean(confirmed)",
  },
  "*Explain Silence* sends nothing but one empty datagram, and that only where it is permitted": {
    file: "extension/host/silence/read_facts.ts",
    code: "mayProbe && !isAny",
    instead: "!isAny",
  },
  "Two programs that answer each other stop by themselves, and say so": {
    file: "scripts/udp_server.ts",
    code: 'if (mayBeLoop(peer.port)) return "got 65535 answers and may answer them";',
    instead: "",
  },
  "The server answers neither itself, nor port 0, nor a broadcast address, and says why": {
    file: "scripts/udp_server.ts",
    code: 'return NOBODY.test(address) ? "is no single machine" : undefined;',
    instead: "return undefined;",
  },

  // Supply
  "What is installed has no code but our own, and the libraries that are named with their licences":
    {
      file: "extension/extension.ts",
      code: 'import * as vscode from "vscode";',
      instead: 'import * as vscode from "vscode";\nexport { parse } from "acorn";',
    },
  "Each package that the project is built and tested with is locked with its hash, for every platform":
    {
      file: "package-lock.json",
      code: '"packages": {',
      instead: '"packages": {\n    "node_modules/unhashed": { "version": "1.0.0" },',
    },
  "The package holds the listed files and no other": {
    file: "package.json",
    code: '"files": [',
    instead: '"files": [\n    "tsconfig.json",',
  },
};

/** The change that a break is; throws where its code is not in the file, or more than once. */
export function broken({ file, code, instead }: Break, source: string): Mutant {
  const start = source.indexOf(code);
  if (start < 0 || source.indexOf(code, start + 1) >= 0) {
    throw new Error(`Cannot break ${file}: it has not exactly one place with ${code}`);
  }
  return { file, start, end: start + code.length, replacement: instead };
}
