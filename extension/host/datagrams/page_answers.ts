import * as vscode from "vscode";
import type { FromWebview } from "../../webview/datagrams/protocol.ts";
import type { DatagramsPage } from "./datagrams_page.ts";
import { datagramDetail } from "./detail_answer.ts";
import { idsIn, rowAnswer, rowsAnswer } from "./rows_answer.ts";

/** What is done about each message of a page. One that is forgotten does not compile. */
const ANSWERS: {
  readonly [Type in FromWebview["type"]]: (
    page: DatagramsPage,
    message: Extract<FromWebview, { type: Type }>,
  ) => void | Promise<void>;
} = {
  ready: (page, { filter }) => page.begin(filter),
  askRows: async (page, { first, count }) => {
    await page.post({ type: "rows", first, rows: await rowsAnswer(page, first, count) });
    page.source.shown?.();
  },
  used: (page) => page.use(),
  select: async (page, { id }) => {
    page.selection.activate(id);
    page.context.grids.changed(page);
    const rowOf = () => rowAnswer(page, id);
    const detail = await datagramDetail(page.source, page.decoders, id, rowOf);
    await page.post({ type: "detail", id, detail });
  },
  locate: (page, { id }) => page.post({ type: "located", id, position: page.rows.rowOf(id) }),
  showRow: (page, { id }) => page.showRow(id),
  findLost: async (page, { step }) => {
    page.use();
    const id = step === 1 ? "udpWorkbench.nextLost" : "udpWorkbench.previousLost";
    await page.context.runAt(id, { kind: "row" });
  },
  askOverview: async (page, { steps }) => {
    const overview = await page.overview.count(page.source.capture, page.rowsOfAllTimes, steps);
    if (overview) await page.post({ type: "overview", overview });
  },
  selection: (page, { runs }) => {
    page.selection.select(idsIn(page.rows, runs));
    page.use();
  },
  columns: (page, { fields }) => page.setFieldColumns(fields),
  cancel: (page) => page.cancel(),
  filter: async (page, { text }) => {
    page.use();
    await page.setFilter(text);
  },
  complete: async (page, { request, text, caret }) => {
    const { filterCompletions } = await import("../filter/filter_completions.ts");
    const fields = await page.fieldValues();
    const items = filterCompletions(page.source.capture, text, caret, fields);
    await page.post({ type: "completions", request, items });
  },
  command: async (page, { command, id }) => {
    page.use();
    const place = { kind: "datagram", captureId: page.captureId, id } as const;
    await page.context.runAt(`udpWorkbench.${command}`, place);
  },
  plot: (page, { field }) => {
    page.use();
    return page.context.runAt("udpWorkbench.plot", { kind: "field", name: field });
  },
  openDefinition: async (_page, { file, line }) => {
    const { showDefinition } = await import("../definitions/show_definition.ts");
    await showDefinition(file, line);
  },
  copySelection: async (page) => {
    await page.context.runAt("udpWorkbench.copyAsText", { kind: "row" });
  },
  copy: async (_page, { text }) => {
    await vscode.env.clipboard.writeText(text);
  },
  conversation: async (page, { action }) => {
    if (action === "close") await page.setFilter("");
    else await page.conversation.openText(action === "hex" ? "hex" : "utf-8");
  },
};

/** Answers a message of a page, or does what it asks for. */
export async function answerPage<Type extends FromWebview["type"]>(
  page: DatagramsPage,
  message: Extract<FromWebview, { type: Type }>,
): Promise<void> {
  await ANSWERS[message.type as Type](page, message);
}
