import type { Endpoint } from "../wire/endpoint.ts";
import type { RawLine } from "./line_splitter.ts";
import { isTruncated, joinedParts, type Message, messageOf } from "./message.ts";
import { isUnspecified, socketAddress } from "./socket_address.ts";
import { isOtherNote, parseSocketNote } from "./socket_note.ts";
import { type Call, parseCall, parseStatement, type Statement } from "./statement.ts";
import { DescriptorTable, TracedProcess, TracedSocket } from "./traced_process.ts";
import { bytesOf, fieldOf, hasFlag, type Item, listOf, numberOf, type Value } from "./values.ts";

/** What is told of the UDP sockets of traced programs. Times are microseconds since 1970. */
export interface TraceListener {
  /** The socket has a local end, `socket.local`, for the first time or another one than before. */
  bound(socket: TracedSocket, time: number): void;
  bindFailed(socket: TracedSocket, local: Endpoint, code: string, time: number): void;
  /** `error`: why the system did not take it, or "". */
  sent(socket: TracedSocket, time: number, peer: Endpoint, message: Message, error: string): void;
  received(socket: TracedSocket, time: number, peer: Endpoint | undefined, message: Message): void;
  /** A datagram passed of which no more is known. */
  missed(socket: TracedSocket): void;
  closed(socket: TracedSocket, time: number): void;
  /** What the process has run is over, and all its sockets are closed. */
  ended(process: TracedProcess): void;
  /** The process has asked for io_uring, by which datagrams pass unseen. */
  usesRing(process: TracedProcess): void;
}

/** System calls that strace is asked to write down; those that a machine does not have it leaves out. */
export const TRACED_CALLS = [
  ...["socket", "bind", "connect", "getsockname"],
  ...["send", "sendto", "sendmsg", "sendmmsg", "write", "writev"],
  ...["recv", "recvfrom", "recvmsg", "recvmmsg", "recvmmsg_time64", "read", "readv"],
  ...["close", "close_range", "dup", "dup2", "dup3", "fcntl", "fcntl64"],
  ...["clone", "clone3", "fork", "vfork", "execve", "execveat", "io_uring_setup"],
];

/** Longer than any datagram: `strace -s`. */
export const MOST_TEXT = 65_535;

/** Records of a socket that wait for its local end; what comes behind them is missed. */
const MOST_WAITING = 64;
/** Lines of threads that nobody has told of yet; a child can be seen before the call returns that has made it. */
const MOST_EARLY = 10_000;
const MOST_EARLY_CHARACTERS = 16 * 2 ** 20;

/** Descriptors are told of by numbers beyond those of any process. */
const MOST_DESCRIPTOR = 2 ** 31;

interface Thread {
  readonly group: ThreadGroup;
  /** The beginning of a call that has not returned yet. */
  unfinished: { readonly name: string; readonly text: string; readonly time: number } | undefined;
}

/** The threads of a process. */
interface ThreadGroup {
  process: TracedProcess;
  table: DescriptorTable;
  threads: number;
}

/** Understands what strace writes line by line, and tells what UDP sockets have done. Never throws; keeps what lives. */
export class Tracer {
  readonly #listener: TraceListener;
  readonly #threads = new Map<number, Thread>();
  /** By the number of their thread: lines that came too early. */
  readonly #early = new Map<number, Statement[]>();
  /** Threads that are making another one. */
  readonly #forking = new Set<number>();
  #earlyLines = 0;
  #earlyCharacters = 0;
  /** Sockets whose local end is not known, or may be another one by now. */
  readonly #unresolved = new Set<TracedSocket>();
  #lastTime = 0;

  constructor(listener: TraceListener) {
    this.#listener = listener;
  }

  /** Sockets whose local end {@link resolve} can tell, if somebody knows it. */
  get unresolved(): ReadonlySet<TracedSocket> {
    return this.#unresolved;
  }

  take({ text, isCut }: RawLine): void {
    const statement = parseStatement(isCut ? text.slice(0, 1000) : text);
    if (!statement) return;
    this.#lastTime = Math.max(this.#lastTime, statement.time);
    if (isCut) this.#cutLine(statement);
    else this.#statement(statement);
  }

  /** Tells where a socket is bound; undefined where nobody can: then what waits is told with a wildcard and port 0. */
  resolve(socket: TracedSocket, local: Endpoint | undefined): void {
    this.#unresolved.delete(socket);
    if (local) this.#learn(socket, local);
    else this.#giveUp(socket);
  }

  /** The output is at its end: so is all that it told of. */
  finish(): void {
    for (const thread of [...this.#early.keys()]) this.#introduceUnknown(thread);
    for (const thread of [...this.#threads.keys()]) this.#threadEnded(thread, this.#lastTime);
  }

  #statement(statement: Statement): void {
    const thread = this.#threads.get(statement.thread) ?? this.#introduced(statement);
    if (!thread) return;
    if (statement.kind === "ended") {
      const { supersededBy } = statement;
      if (supersededBy === undefined) this.#threadEnded(statement.thread, statement.time);
      else thread.unfinished = this.#threads.get(supersededBy)?.unfinished;
    } else if (statement.kind === "unfinished") {
      thread.unfinished = statement;
      if (isFork(statement.name)) this.#forking.add(statement.thread);
    } else if (statement.kind === "resumed") {
      const begun = thread.unfinished;
      thread.unfinished = undefined;
      this.#forking.delete(statement.thread);
      if (begun?.name !== statement.name) return;
      this.#call(thread, statement, begun.text + statement.text, begun.time, statement.time);
    } else this.#call(thread, statement, statement.text, statement.time);
  }

  /** A thread that is seen for the first time: whose it is, the call tells that has made it. */
  #introduced(statement: Statement): Thread | undefined {
    if (this.#threads.size === 0) return this.#addProcess(statement.thread, undefined, []);
    const [number] = this.#forking;
    const maker = number === undefined ? undefined : this.#threads.get(number);
    if (maker && this.#forking.size === 1) {
      return this.#addChild(statement.thread, maker.group, maker.unfinished?.text ?? "");
    }
    this.#keepEarly(statement);
    return undefined;
  }

  #keepEarly(statement: Statement): void {
    const lines = this.#early.get(statement.thread) ?? [];
    this.#early.set(statement.thread, lines);
    lines.push(statement);
    this.#earlyLines++;
    this.#earlyCharacters += "text" in statement ? statement.text.length : 0;
    const isTooMuch =
      this.#earlyLines > MOST_EARLY || this.#earlyCharacters > MOST_EARLY_CHARACTERS;
    if (isTooMuch || this.#forking.size === 0) this.#introduceUnknown(statement.thread);
  }

  /** Nobody has told whose thread it is: it is taken for a process of its own. */
  #introduceUnknown(thread: number): void {
    this.#addProcess(thread, undefined, []);
    this.#takeEarly(thread);
  }

  #takeEarly(thread: number): void {
    const lines = this.#early.get(thread);
    if (!lines) return;
    this.#early.delete(thread);
    this.#earlyLines -= lines.length;
    for (const line of lines) {
      this.#earlyCharacters -= "text" in line ? line.text.length : 0;
    }
    for (const line of lines) this.#statement(line);
  }

  #addProcess(pid: number, parent: ThreadGroup | undefined, words: readonly string[]): Thread {
    const process = new TracedProcess(pid, parent?.process.pid, words);
    const table = parent ? parent.table.copyFor(process, false) : new DescriptorTable();
    return this.#addThread(pid, { process, table, threads: 0 });
  }

  #addThread(number: number, group: ThreadGroup): Thread {
    const thread: Thread = { group, unfinished: undefined };
    this.#threads.set(number, thread);
    group.threads++;
    return thread;
  }

  /** @param flags the text of the call that has made it */
  #addChild(number: number, parent: ThreadGroup, flags: string): Thread {
    const known = this.#threads.get(number);
    if (known) return known;
    if (/\bCLONE_THREAD\b/.test(flags.slice(0, MOST_FLAGS))) return this.#addThread(number, parent);
    const child = this.#addProcess(number, parent, parent.process.words);
    if (/\bCLONE_FILES\b/.test(flags.slice(0, MOST_FLAGS))) {
      child.group.table = parent.table;
      parent.table.users++;
    }
    return child;
  }

  #threadEnded(number: number, time: number): void {
    const thread = this.#threads.get(number);
    if (!thread) return;
    this.#threads.delete(number);
    this.#forking.delete(number);
    const { group } = thread;
    if (--group.threads > 0) return;
    if (--group.table.users === 0) this.#releaseAll(group.table, time);
    this.#listener.ended(group.process);
  }

  #releaseAll(table: DescriptorTable, time: number): void {
    for (const descriptor of table.numbers) this.#release(table, descriptor, time);
  }

  #release(table: DescriptorTable, descriptor: number, time: number): void {
    const socket = table.delete(descriptor);
    if (!socket) return;
    if (!socket.isTold && socket.waiting.length > 0) this.#giveUp(socket);
    this.#unresolved.delete(socket);
    if (socket.isTold) this.#listener.closed(socket, time);
  }

  /** A line that is too long has been cut: what it would have told is missed. */
  #cutLine(statement: Statement): void {
    if (statement.kind !== "call" && statement.kind !== "unfinished") return;
    const thread = this.#threads.get(statement.thread);
    if (!thread || !MESSAGE_CALLS.has(statement.name)) return;
    const first = DESCRIPTOR.exec(statement.text);
    const socket =
      first && this.#socketAt(thread.group, Number(first[1]), first[2] ?? "", statement.time);
    if (socket) this.#listener.missed(socket);
  }

  /** @param began when the call began; `ended`: when, where that is known */
  #call(
    thread: Thread,
    statement: Statement & { name: string },
    text: string,
    began: number,
    ended?: number,
  ): void {
    const { group } = thread;
    const { name } = statement;
    if (MESSAGE_CALLS.has(name) || name === "close") {
      // Most of what a program reads and writes is no datagram: a look at the descriptor is enough.
      const first = DESCRIPTOR.exec(text);
      if (!first) return;
      if (!group.table.get(Number(first[1])) && !/^UDP/.test(first[2] ?? "")) return;
    }
    const call = parseCall(text);
    const { thread: number } = statement;
    if (!call) this.#notUnderstood(group, name, text, began);
    else this.#understood(thread, number, name, call, text, began, ended ?? began + call.duration);
  }

  /** Something passed that nobody knows: a datagram too many is told to be missing rather than one too few. */
  #notUnderstood(group: ThreadGroup, name: string, text: string, time: number): void {
    const first = MESSAGE_CALLS.has(name) ? DESCRIPTOR.exec(text) : null;
    const socket = first && this.#socketAt(group, Number(first[1]), first[2] ?? "", time);
    if (socket) this.#listener.missed(socket);
  }

  #understood(
    thread: Thread,
    number: number,
    name: string,
    call: Call,
    text: string,
    began: number,
    ended: number,
  ): void {
    const { group } = thread;
    const argument = (at: number): Value | undefined => call.arguments[at]?.value;
    const first = argument(0);
    const onSocket = () => this.#socketOf(group, first, began);
    if (isFork(name)) {
      const child = numberOf(call.result);
      if (child === undefined || child <= 0) return;
      this.#addChild(child, group, text);
      this.#takeEarly(child);
    } else if (name === "execve" || name === "execveat") {
      if (numberOf(call.result) === 0)
        this.#executed(thread, number, argument(name === "execve" ? 1 : 2), began);
    } else if (name === "socket") this.#opened(group, call, ended);
    else if (name === "bind") this.#bindCalled(onSocket(), argument(1), call, ended);
    else if (name === "connect") this.#connectCalled(onSocket(), argument(1), call, ended);
    else if (name === "getsockname") {
      const socket = onSocket();
      const local = call.error === "" ? socketAddress(argument(1)) : undefined;
      if (socket && local && local.port !== 0) this.#learn(socket, local, ended);
    } else if (name === "io_uring_setup") {
      if (call.error !== "" || group.process.usesRing) return;
      group.process.usesRing = true;
      this.#listener.usesRing(group.process);
    } else if (name === "close") {
      const descriptor = descriptorOf(first);
      // Its end may be known only now.
      if (descriptor !== undefined && group.table.get(descriptor)) onSocket();
      // Also where it fails: it is gone (close(2)).
      if (descriptor !== undefined) this.#release(group.table, descriptor, ended);
    } else if (name === "close_range") this.#rangeClosed(group.table, call, ended);
    else if (name.startsWith("dup") || name.startsWith("fcntl"))
      this.#duplicated(group, name, call, ended);
    else if (MESSAGE_CALLS.has(name)) {
      const socket = onSocket();
      if (!socket) return;
      if (SENDS.has(name)) this.#sendCalled(socket, name, call, began);
      else this.#receiveCalled(socket, name, call, ended);
    }
  }

  #opened(
    group: ThreadGroup,
    { arguments: [family, type, protocol], result }: Call,
    time: number,
  ): void {
    const descriptor = descriptorOf(result);
    if (descriptor === undefined) return;
    this.#release(group.table, descriptor, time);
    const isSix = hasFlag(family?.value, "AF_INET6");
    const isPlain =
      hasFlag(protocol?.value, "IPPROTO_IP") || hasFlag(protocol?.value, "IPPROTO_UDP");
    if (!hasFlag(type?.value, "SOCK_DGRAM") || !isPlain) return;
    if (!isSix && !hasFlag(family?.value, "AF_INET")) return;
    const inode = inodeOf(result);
    const socket = new TracedSocket(group.process, isSix ? 6 : 4, inode);
    group.table.set(descriptor, socket, hasFlag(type?.value, "SOCK_CLOEXEC"));
  }

  #bindCalled(
    socket: TracedSocket | undefined,
    address: Value | undefined,
    { result, error }: Call,
    time: number,
  ): void {
    const asked = socketAddress(address);
    if (!socket || !asked) return;
    if (error !== "") {
      if (!socket.isTold) this.#listener.bindFailed(socket, asked, error, time);
    } else if (!result) return;
    else if (asked.port !== 0) this.#learn(socket, asked, time);
    else this.#unresolved.add(socket);
  }

  #connectCalled(
    socket: TracedSocket | undefined,
    address: Value | undefined,
    { error, result }: Call,
    time: number,
  ): void {
    if (!socket || error !== "" || !result) return;
    if (isUnspecified(address)) socket.peer = undefined;
    else socket.peer = socketAddress(address) ?? socket.peer;
    // A connected socket has a local address of its own, and that is no wildcard.
    if (socket.isTold || socket.local === undefined) this.#unresolved.add(socket);
    if (socket.local && !socket.isTold) this.#tell(socket, time);
  }

  #executed(thread: Thread, number: number, words: Value | undefined, time: number): void {
    const { group } = thread;
    const before = group.process;
    const parent = before.parent;
    const process = new TracedProcess(before.pid, parent, textsOf(words));
    const { table } = group;
    group.process = process;
    group.table = table.copyFor(process, true);
    if (--table.users === 0) this.#releaseAll(table, time);
    this.#listener.ended(before);
    if (group.threads === 1) return;
    // The other threads are gone.
    for (const [other, { group: its }] of this.#threads) {
      if (its === group && other !== number) this.#threads.delete(other);
    }
    group.threads = 1;
  }

  #rangeClosed(
    table: DescriptorTable,
    { arguments: [from, to, flags], error }: Call,
    time: number,
  ): void {
    const [first, last] = [numberOf(from?.value), numberOf(to?.value)];
    if (error !== "" || first === undefined || last === undefined) return;
    const marks = hasFlag(flags?.value, "CLOSE_RANGE_CLOEXEC");
    for (const descriptor of table.numbers.filter((it) => it >= first && it <= last)) {
      if (marks) table.mark(descriptor, true);
      else this.#release(table, descriptor, time);
    }
  }

  #duplicated(group: ThreadGroup, name: string, call: Call, time: number): void {
    const [first, second, third] = call.arguments;
    if (name.startsWith("fcntl")) {
      const descriptor = descriptorOf(first?.value);
      if (descriptor !== undefined && hasFlag(second?.value, "F_SETFD") && call.error === "") {
        group.table.mark(descriptor, hasFlag(third?.value, "FD_CLOEXEC"));
        return;
      }
      if (second?.value.kind !== "word" || !second.value.text.startsWith("F_DUPFD")) return;
    }
    const socket = this.#socketOf(group, first?.value, time);
    const copy = descriptorOf(call.result);
    if (copy === undefined || copy === descriptorOf(first?.value)) return;
    this.#release(group.table, copy, time);
    if (!socket) return;
    const closesOnExec =
      hasFlag(second?.value, "F_DUPFD_CLOEXEC") ||
      (name === "dup3" && hasFlag(third?.value, "O_CLOEXEC"));
    group.table.set(copy, socket, closesOnExec);
  }

  #sendCalled(socket: TracedSocket, name: string, call: Call, time: number): void {
    const { error, result } = call;
    const count = numberOf(result);
    if (count === undefined && error === "") return;
    const values = call.arguments.map(({ value }) => value);
    const messages: (Message | undefined)[] = [];
    if (name === "sendmmsg") {
      const headers = listOf(values[1]);
      // Those behind were not tried. Where it failed, the first one did.
      for (const { value } of headers.slice(0, count ?? 1)) {
        messages.push(messageOf(fieldOf(value, "msg_hdr"), numberOf(fieldOf(value, "msg_len"))));
      }
      for (let at = headers.length; at < (count ?? 1); at++) messages.push(undefined);
    } else if (name === "sendmsg") messages.push(messageOf(values[1], count));
    else if (name === "writev") messages.push(withoutPeer(joinedParts(values[1], count)));
    else
      messages.push(
        plainMessage(values[1], count ?? numberOf(values[2]), socketAddress(values[4])),
      );
    for (const message of messages) {
      if (!message) {
        if (error === "") this.#missed(socket);
        continue;
      }
      const peer = message.peer ?? socket.peer;
      if (peer)
        this.#waitForEnd(socket, time, () =>
          this.#listener.sent(socket, time, peer, said(message), error),
        );
      // Refused since there was nowhere to send it to: it was none.
      else if (error === "") this.#missed(socket);
    }
  }

  #receiveCalled(socket: TracedSocket, name: string, call: Call, time: number): void {
    const count = numberOf(call.result);
    if (count === undefined || count < 0) return;
    const values = call.arguments.map(({ value }) => value);
    const isMany = name.startsWith("recvmmsg");
    const flags = name === "recvmsg" ? values[2] : name.startsWith("recv") ? values[3] : undefined;
    // What is looked at stays there; and what comes back with an error is no datagram of another's.
    if (hasFlag(flags, "MSG_PEEK") || hasFlag(flags, "MSG_ERRQUEUE")) return;
    const messages: (Message | undefined)[] = [];
    if (isMany) {
      const headers = listOf(values[1]);
      for (const { value } of headers.slice(0, count)) {
        messages.push(
          receivedMessage(fieldOf(value, "msg_hdr"), numberOf(fieldOf(value, "msg_len"))),
        );
      }
      for (let at = headers.length; at < count; at++) messages.push(undefined);
    } else if (name === "recvmsg") messages.push(receivedMessage(values[1], count));
    else if (name === "readv") {
      const parts = joinedParts(values[1], count);
      if (count === 0 && joinedParts(values[1])?.length === 0) return;
      messages.push(withoutPeer(parts));
    } else {
      const room = numberOf(values[2]) ?? count;
      // To read nothing is to look at nothing (read(2)); a datagram of no bytes is one.
      if (name === "read" && room === 0) return;
      const message = plainMessage(values[1], Math.min(count, room), socketAddress(values[4]));
      // MSG_TRUNC has it tell how long it was.
      messages.push(message && count > room ? { ...message, oddity: "cut" } : message);
    }
    for (const message of messages) {
      if (!message) this.#missed(socket);
      else {
        const peer = message.peer ?? socket.peer;
        this.#waitForEnd(socket, time, () =>
          this.#listener.received(socket, time, peer, said(message)),
        );
      }
    }
  }

  #missed(socket: TracedSocket): void {
    this.#waitForEnd(socket, this.#lastTime, () => this.#listener.missed(socket));
  }

  /** Tells it now, or once it is known where the socket is bound. */
  #waitForEnd(socket: TracedSocket, time: number, tell: () => void): void {
    if (socket.local && !socket.isTold) this.#tell(socket, time);
    if (socket.isTold) {
      tell();
      return;
    }
    this.#unresolved.add(socket);
    if (socket.waiting.length < MOST_WAITING) socket.waiting.push(tell);
    else socket.missedWaiting++;
  }

  #learn(socket: TracedSocket, local: Endpoint, time = this.#lastTime): void {
    const isSame = socket.local?.port === local.port && socket.local.address === local.address;
    socket.local = local;
    if (!socket.isTold || !isSame) this.#tell(socket, time);
  }

  #tell(socket: TracedSocket, time: number): void {
    socket.isTold = true;
    this.#listener.bound(socket, time);
    const { waiting } = socket;
    socket.waiting = [];
    for (const tell of waiting) tell();
    for (; socket.missedWaiting > 0; socket.missedWaiting--) this.#listener.missed(socket);
  }

  #giveUp(socket: TracedSocket): void {
    if (socket.isTold || socket.waiting.length === 0) return;
    socket.local ??= { address: socket.family === 6 ? "::" : "0.0.0.0", port: 0 };
    this.#tell(socket, this.#lastTime);
  }

  #socketOf(group: ThreadGroup, value: Value | undefined, time: number): TracedSocket | undefined {
    const descriptor = descriptorOf(value);
    if (descriptor === undefined || value?.kind !== "number") return undefined;
    return this.#socketAt(group, descriptor, value.note, time);
  }

  /** The socket behind a descriptor, by what is known and by what strace says of it: that heals what was not seen. */
  #socketAt(
    { table, process }: ThreadGroup,
    descriptor: number,
    note: string,
    time: number,
  ): TracedSocket | undefined {
    const seen = parseSocketNote(note);
    let socket = table.get(descriptor);
    const isAnother =
      seen?.inode !== undefined && socket?.inode !== undefined && seen.inode !== socket.inode;
    if (socket && (isOtherNote(note) || isAnother)) {
      this.#release(table, descriptor, time);
      socket = undefined;
    }
    if (!seen) return socket;
    if (!socket) {
      socket = new TracedSocket(process, seen.family, seen.inode);
      socket.peer = seen.peer;
      table.set(descriptor, socket, false);
    }
    // Known by now, and by all that waits: what it says later may be what it was.
    if (socket.local === undefined && seen.local) this.#learn(socket, seen.local, time);
    return socket;
  }
}

const SENDS = new Set(["send", "sendto", "sendmsg", "sendmmsg", "write", "writev"]);
const MESSAGE_CALLS = new Set([
  ...SENDS,
  ...["recv", "recvfrom", "recvmsg", "recvmmsg", "recvmmsg_time64", "read", "readv"],
]);
const DESCRIPTOR = /^(\d{1,10})(?:<([^\s"]{0,200}?)>)?(?=[,) ]|$)/;
/** A call's flags stand near its beginning. */
const MOST_FLAGS = 1000;

function isFork(name: string | undefined): boolean {
  return name === "clone" || name === "clone3" || name === "fork" || name === "vfork";
}

function descriptorOf(value: Value | undefined): number | undefined {
  if (value?.kind !== "number") return undefined;
  return value.value >= 0 && value.value < MOST_DESCRIPTOR ? value.value : undefined;
}

function inodeOf(value: Value | undefined): number | undefined {
  if (value?.kind !== "number") return undefined;
  const plain = /^socket:\[(\d{1,15})\]$/.exec(value.note)?.[1];
  return plain === undefined ? parseSocketNote(value.note)?.inode : Number(plain);
}

function textsOf(value: Value | undefined): string[] {
  const decoder = new TextDecoder();
  return listOf(value).map((item: Item) =>
    decoder.decode(bytesOf(item.value) ?? new Uint8Array(0)),
  );
}

function plainMessage(value: Value | undefined, length = 0, peer?: Endpoint): Message | undefined {
  const bytes = bytesOf(value);
  // Nothing was to be sent: strace writes no text for NULL.
  if (!bytes && length > 0) return undefined;
  return {
    payload: bytes?.subarray(0, length) ?? new Uint8Array(0),
    length,
    peer,
    oddity: undefined,
  };
}

function withoutPeer(parts: Pick<Message, "payload" | "length"> | undefined): Message | undefined {
  return parts && { ...parts, peer: undefined, oddity: undefined };
}

function receivedMessage(header: Value | undefined, count = 0): Message | undefined {
  const room = joinedParts(fieldOf(header, "msg_iov"))?.length ?? count;
  const message = messageOf(header, Math.min(count, room));
  return message && (isTruncated(header) || count > room) ? { ...message, oddity: "cut" } : message;
}

/** The same message, which says that bytes of it are missing. */
function said(message: Message): Message {
  const { payload, length, oddity } = message;
  const isWhole = payload.length === length || oddity !== undefined;
  return isWhole ? message : { ...message, oddity: "incomplete" };
}
