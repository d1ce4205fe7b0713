import type {
  DatagramDetail,
  DatagramRow,
  FromWebview,
  Overview,
  ToWebview,
} from "../../../extension/webview/datagrams/protocol.ts";
import type { VsCodeApi } from "../../../extension/webview/datagrams/vscode_api.ts";
import type { Completion } from "../../../extension/webview/parts/completion_list.ts";

type CaptureMessage = Extract<ToWebview, { type: "capture" }>;

/** A datagram of the fake capture; what is left out is made up from its place. */
export interface FakeDatagram extends Partial<Omit<DatagramRow, "id">> {
  readonly payload?: readonly number[];
  readonly facts?: DatagramDetail["facts"];
  readonly changedBytes?: readonly number[];
  readonly decoded?: DatagramDetail["decoded"];
}

export interface FakeCapture {
  /** Datagrams in full; */
  readonly datagrams?: readonly FakeDatagram[];
  /** or that many that are made up. */
  readonly count?: number;
  /** Milliseconds until rows and details are answered; 0: at once. */
  readonly delay?: number;
  /** Names the capture; another one after a reload of the window. */
  readonly captureId?: string;
  /** False: a file. */
  readonly isLive?: boolean;
  /** Days since the datagrams were recorded; 0. */
  readonly daysAgo?: number;
}

/**
 * What a test says to the page's host, and what it hears from it. What is said to the page resolves when the page has
 * heard it: `page.evaluate` waits for that, and who looks then does not look too early.
 */
export interface FakeHost {
  readonly received: FromWebview[];
  readonly state: unknown;
  delay: number;
  /** Whether the page was shown before, and belongs to this capture. */
  readonly knowsPage: boolean;
  /** What is offered in the filter box. */
  completions: readonly Completion[];
  /** So many datagrams more, at the end or from a position on. */
  insert(count: number, position?: number): Promise<void>;
  /** The first so many datagrams had to go. */
  evict(count: number): Promise<void>;
  clear(): Promise<void>;
  /** Something became of a datagram. */
  note(id: number, note: string): Promise<void>;
  /** The page is about to go: from now on it saves nothing, and what it saved was of another capture. */
  becomeOther(): void;
  /** A filter that was chosen elsewhere, or undefined: rows by what is in their preview. */
  filter(text: string): Promise<void>;
  send(message: ToWebview): Promise<void>;
  /** Tells of the capture again, from now on with this. */
  tell(change: Partial<Omit<CaptureMessage, "type" | "total">>): Promise<void>;
  /** Resolves when the page has heard all that was sent to it so far, the answers to what it asked as well. */
  heard(): Promise<void>;
}

declare global {
  interface Window {
    fakeHost: FakeHost;
    /** Set by a payload that was executed. */
    hacked?: boolean;
  }
}

/**
 * Runs in the page before its scripts: `acquireVsCodeApi` and an extension host behind it that answers as
 * protocol.ts says. Ids count up; the order of rows is a list of ranges of ids, so that ten million cost nothing.
 *
 * Its filter language: `every:N` lets every Nth datagram through, `bad` is wrong, `time:` terms let through
 * everything, and any other text has to be in the preview.
 */
export function installFakeHost(fake: FakeCapture): void {
  const { datagrams, count = 0, delay = 0, captureId = "fake", isLive = true, daysAgo = 0 } = fake;
  const STATE = "fake-vscode-state";
  const start = Date.UTC(2026, 10, 20, 12, 1, 2, 113) * 1000;
  const STEP = 1042;
  // The page asks what day it is.
  const ahead = start / 1000 + daysAgo * 86_400_000 - Date.now();
  const now = Date.now.bind(Date);
  Date.now = () => now() + ahead;
  let ranges = [{ first: 0, count: datagrams?.length ?? count }];
  let nextId = datagrams?.length ?? count;
  let filterText = "";
  let accepts: ((id: number) => boolean) | undefined;
  /** Ids that pass the filter; undefined without one. */
  let passing: Pick<readonly number[], "length" | "at" | "indexOf"> | undefined;
  /** Where the filter is `every:N` alone: every Nth. */
  let stride = 0;
  let told: Omit<CaptureMessage, "type" | "total" | "unfiltered"> = {
    firstChanged: 0,
    removedFromFront: 0,
    evicted: 0,
    notRecorded: 0,
    notRecordedOf: "",
    paused: false,
    start,
    hasDirections: true,
    remarks: [],
  };
  const notes = new Map<number, string>();
  let isSaving = true;

  const all = () => ranges.reduce((sum, range) => sum + range.count, 0);
  const total = () => passing?.length ?? all();
  const idAt = (position: number) => {
    if (passing) return passing.at(position) ?? -1;
    let rest = position;
    for (const range of ranges) {
      if (rest < range.count) return range.first + rest;
      rest -= range.count;
    }
    return -1;
  };
  const placeOf = (id: number) => {
    let before = 0;
    for (const range of ranges) {
      if (id >= range.first && id < range.first + range.count) return before + id - range.first;
      before += range.count;
    }
    return undefined;
  };
  const positionOf = (id: number) => {
    if (!passing) return placeOf(id);
    const position = passing.indexOf(id);
    return position < 0 ? undefined : position;
  };
  const bytesOf = (id: number) => {
    const payload = datagrams?.[id]?.payload;
    return payload ? Uint8Array.from(payload) : new TextEncoder().encode(`Datagram ${id}`);
  };
  const rowOf = (id: number): DatagramRow => {
    const {
      payload: _,
      facts: __,
      decoded: ___,
      changedBytes: ____,
      ...given
    } = datagrams?.[id] ?? {};
    return {
      id,
      time: start + id * STEP,
      direction: id % 2 === 0 ? "in" : "out",
      local: "127.0.0.1:9999",
      peer: "127.0.0.1:53211",
      length: bytesOf(id).length,
      preview: `Datagram ${id}`,
      note: "",
      isAnomaly: false,
      delta: id === 0 ? 0 : STEP,
      ...given,
      ...(passing && { number: (placeOf(id) ?? 0) + 1 }),
      ...(notes.has(id) && { note: notes.get(id) ?? "" }),
    };
  };
  const send = (message: ToWebview) => window.postMessage(message, "*");
  const HEARD = "heard";
  const waiting: (() => void)[] = [];
  // Messages come one after the other, and here before they come to the page.
  window.addEventListener("message", (event) => {
    if (event.data !== HEARD) return;
    event.stopImmediatePropagation();
    waiting.shift()?.();
  });
  const heard = () =>
    new Promise<void>((done) => {
      waiting.push(done);
      window.postMessage(HEARD, "*");
    });
  const pass = () => {
    if (!accepts) {
      passing = undefined;
      return;
    }
    const [only, ...others] = ranges;
    if (stride > 0 && only?.first === 0 && others.length === 0) {
      // A million rows must cost the page nothing.
      passing = everyNth(stride, only.count);
      return;
    }
    const ids: number[] = [];
    for (const { first, count: length } of ranges) {
      for (let id = first; id < first + length; id++) if (accepts(id)) ids.push(id);
    }
    passing = ids;
  };
  const everyNth = (step: number, end: number) => ({
    length: Math.ceil(end / step),
    at: (index: number) => (index * step < end ? index * step : undefined),
    indexOf: (id: number) => (id % step === 0 && id < end ? id / step : -1),
  });
  const capture = (firstChanged: number, removedFromFront = 0) => {
    pass();
    send({
      type: "capture",
      ...told,
      total: total(),
      unfiltered: all(),
      firstChanged: passing ? 0 : firstChanged,
      removedFromFront,
    });
  };
  const filter = (text: string) => {
    const wrong = text.indexOf("bad");
    if (wrong >= 0) {
      const problem = { start: wrong, end: wrong + 3, reason: "There is no field bad." };
      send({ type: "filter", text, problem, marks: [] });
      return;
    }
    filterText = text;
    const words = text.split(/\s+/).filter((word) => word !== "" && !word.startsWith("time:"));
    const every = Number(words.find((word) => word.startsWith("every:"))?.slice(6) ?? 1);
    const texts = words.filter((word) => !word.startsWith("every:"));
    const isIn = (id: number) =>
      texts.every((word) => rowOf(id).preview.toLowerCase().includes(word.toLowerCase()));
    stride = texts.length === 0 && words.length > 0 ? every : 0;
    accepts =
      words.length === 0 ? undefined : (id) => id % every === 0 && (texts.length === 0 || isIn(id));
    const marks = texts.map((word) => ({ text: word, ignoreCase: true }));
    send({ type: "filter", text, marks });
    capture(0);
  };
  const overview = (steps: number): Overview => {
    const length = total();
    const timeAt = (position: number) => rowOf(idAt(position)).time;
    const from = length > 0 ? timeAt(0) : 0;
    const to = length > 0 ? timeAt(length - 1) : 0;
    const empty = () => new Array<number>(steps).fill(0);
    const [received, sent, lost, dropped] = [empty(), empty(), empty(), empty()];
    // A million datagrams are counted from a sample.
    const sampled = Math.max(1, Math.floor(length / 5000));
    for (let position = 0; position < length; position += sampled) {
      const { time, direction, isAnomaly, byRule } = rowOf(idAt(position));
      const step = Math.min(steps - 1, Math.floor(((time - from) / (to - from || 1)) * steps));
      const counts = isAnomaly ? lost : byRule ? dropped : direction === "out" ? sent : received;
      counts[step] = (counts[step] ?? 0) + sampled;
    }
    return { from, to, received, sent, lost, dropped };
  };
  const answer = (message: FromWebview) => {
    switch (message.type) {
      case "ready":
        send({ type: "hello", texts: {}, language: "en", captureId, isLive });
        // A host that knows this page knows its filter, too: here, that there is none.
        if (window.fakeHost.knowsPage) filter(filterText);
        else filter(message.filter ?? "");
        capture(0);
        return;
      case "askRows": {
        const end = Math.min(message.first + message.count, total());
        const rows: DatagramRow[] = [];
        for (let at = message.first; at < end; at++) rows.push(rowOf(idAt(at)));
        send({ type: "rows", first: message.first, rows });
        return;
      }
      case "select": {
        const { id } = message;
        const isThere = placeOf(id) !== undefined;
        const detail: DatagramDetail = {
          row: rowOf(id),
          program: "udp_server.ts",
          payload: bytesOf(id),
          facts: datagrams?.[id]?.facts ?? [],
          changedBytes: datagrams?.[id]?.changedBytes ?? [],
          decoded: datagrams?.[id]?.decoded,
          commands: ["follow", "reply", "resend", "editAndSend", "decodeAs"],
        };
        send({ type: "detail", id, ...(isThere && { detail }) });
        return;
      }
      case "showRow":
        send({ type: "showRow", id: message.id, position: positionOf(message.id) ?? 0 });
        return;
      case "locate":
        send({ type: "located", id: message.id, position: positionOf(message.id) });
        return;
      case "filter":
        filter(message.text);
        return;
      case "complete":
        send({
          type: "completions",
          request: message.request,
          items: window.fakeHost.completions,
        });
        return;
      case "askOverview":
        send({ type: "overview", overview: overview(message.steps) });
        return;
      case "copySelection":
      case "selection":
      case "cancel":
      case "command":
      case "copy":
      case "conversation":
        return;
    }
  };

  window.fakeHost = {
    received: [],
    delay,
    completions: [],
    knowsPage: JSON.parse(sessionStorage.getItem(STATE) ?? "null")?.captureId === captureId,
    get state() {
      return JSON.parse(sessionStorage.getItem(STATE) ?? "null");
    },
    insert(more, position = all()) {
      const before: typeof ranges = [];
      const after: typeof ranges = [];
      let rest = position;
      for (const range of ranges) {
        const here = Math.min(rest, range.count);
        rest -= here;
        if (here > 0) before.push({ first: range.first, count: here });
        if (here < range.count)
          after.push({ first: range.first + here, count: range.count - here });
      }
      ranges = [...before, { first: nextId, count: more }, ...after];
      nextId += more;
      capture(position);
      return heard();
    },
    evict(gone) {
      let rest = gone;
      ranges = ranges.flatMap((range) => {
        const here = Math.min(rest, range.count);
        rest -= here;
        const left = range.count - here;
        return left > 0 ? [{ first: range.first + here, count: left }] : [];
      });
      told = { ...told, evicted: told.evicted + gone };
      capture(all(), gone);
      return heard();
    },
    clear() {
      ranges = [];
      capture(0);
      return heard();
    },
    note(id, note) {
      notes.set(id, note);
      capture(positionOf(id) ?? total());
      return heard();
    },
    becomeOther() {
      isSaving = false;
      const state = window.fakeHost.state as object;
      sessionStorage.setItem(STATE, JSON.stringify({ ...state, captureId: "other" }));
    },
    filter(text) {
      filter(text);
      return heard();
    },
    send(message) {
      send(message);
      return heard();
    },
    tell(change) {
      told = { ...told, ...change };
      capture(total());
      return heard();
    },
    heard,
  };
  const api: VsCodeApi = {
    postMessage(message) {
      window.fakeHost.received.push(message);
      const isSlow = message.type === "askRows" || message.type === "select";
      const wait = isSlow ? window.fakeHost.delay : 0;
      if (wait > 0) setTimeout(() => answer(message), wait);
      else answer(message);
    },
    getState: () => window.fakeHost.state ?? undefined,
    setState: (state) => {
      if (isSaving) sessionStorage.setItem(STATE, JSON.stringify(state));
    },
  };
  Object.assign(globalThis, { acquireVsCodeApi: () => api });
}
