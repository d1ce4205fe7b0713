import type {
  CountedTable,
  FromWebview,
  Question,
  StatisticsLine,
  ToWebview,
} from "../../../extension/webview/statistics/protocol.ts";

/** What a test says to the page's host, and what it hears from it. */
export interface StatisticsHost {
  readonly received: FromWebview[];
  readonly state: unknown;
  send(message: ToWebview): Promise<void>;
}

export const QUESTION: Question = { by: "conversation", field: "", sequence: "", filter: "" };

/** The host of the page, in the page itself: says hello, and then only what a test says. */
export function installStatisticsHost(question: Question): void {
  const received: FromWebview[] = [];
  let state: unknown;
  const send = (data: ToWebview) => {
    window.dispatchEvent(new MessageEvent("message", { data }));
    return Promise.resolve();
  };
  const api = {
    postMessage(message: FromWebview) {
      received.push(message);
      if (message.type !== "ready") return;
      void send({ type: "hello", texts: {}, language: "en", isLive: true, question });
    },
    getState: () => state,
    setState(changed: unknown) {
      state = changed;
    },
  };
  const host = {
    received,
    send,
    get state() {
      return state;
    },
  };
  Object.assign(window, { acquireVsCodeApi: () => api, statisticsHost: host });
}

const line = (name: string, peer: string, figures: StatisticsLine["figures"]): StatisticsLine => ({
  name,
  peer,
  figures,
});

/** The conversations of the data set of the design. */
export const CONVERSATIONS: readonly StatisticsLine[] = [
  line("127.0.0.1:53211", "127.0.0.1:9999", {
    ...{ forward: 3, back: 3, bytesForward: 17, bytesBack: 41, share: 0.000_05 },
    ...{ lostForward: 0, lostBack: 0, duplicates: 0, answerMedian: 300, answerP99: 400 },
    ...{ intervalMedian: 1500, intervalP99: 2000, intervalDeviation: 500 },
  }),
  line("127.0.0.1:48760", "127.0.0.1:7777", {
    ...{ forward: 60_050, back: 56_716, bytesForward: 2_882_400, bytesBack: 1_134_320 },
    ...{ rate: 5000, share: 0.951, lostForward: 3334, lostBack: 82, duplicates: 0 },
    ...{ intervalMedian: 200, intervalP99: 410, intervalDeviation: 80, jitter: 60 },
    ...{ answerMedian: 310, answerP99: 93_800 },
  }),
  line("127.0.0.1:6006", "127.0.0.1:5005", {
    ...{ forward: 6000, back: 0, bytesForward: 119_991, bytesBack: 0, rate: 50, share: 0.049 },
    ...{ lostForward: 60, lostBack: 0, duplicates: 0 },
    ...{ intervalMedian: 20_000, intervalP99: 21_300, intervalDeviation: 420, jitter: 310 },
  }),
];

export function tableOf(
  lines: readonly StatisticsLine[],
  change: Partial<CountedTable> = {},
): CountedTable {
  return {
    type: "table",
    question: QUESTION,
    lines,
    others: undefined,
    total: { datagrams: 122_772, bytes: 4_136_769, lost: 3476, duplicates: 0 },
    rows: 122_772,
    of: 122_772,
    progress: undefined,
    problem: undefined,
    ...change,
  };
}
