import { loadDecoders } from "../../../../extension/core/decode/load_decoders.ts";
import { loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";
import type { StatisticsTable } from "../../../../extension/core/statistics/statistics_table.ts";
import type { CaptureSource } from "../../../../extension/host/capture/capture_source.ts";
import { SavedCapture } from "../../../../extension/host/capture/saved_capture.ts";
import type { StatisticsQuestion } from "../../../../extension/host/statistics/counting.ts";

/** A definition of the workspace that reads what is sent from or to a port. */
export interface UsedDefinition {
  readonly file: string;
  readonly text: string;
  readonly port: number;
}

/** What is there to be decoded, with what a person has chosen for ports. */
async function decodersOf(
  { file, text, port }: Partial<UsedDefinition>,
  chosen: Readonly<Record<number, string>>,
) {
  const [definitions, decoding] = await Promise.all([
    import("../../../../extension/host/definitions/definition_setting.ts"),
    import("../../../../extension/host/definitions/payload_decoders.ts"),
  ]);
  const loaded = file && text ? await loadDefinition(file, text) : undefined;
  const { uses } = definitions.readDefinitionSetting(file && port ? [{ file, port }] : []);
  return new decoding.LoadedDecoders(
    await loadDecoders(),
    uses.flatMap((use) => (loaded ? [{ use, loaded }] : [])),
    {
      of: (ports) => {
        const port = ports.find((one) => chosen[one] !== undefined);
        return port === undefined ? undefined : { port, decoder: chosen[port] as never };
      },
    },
  );
}

export interface CountOptions {
  readonly definition?: UsedDefinition;
  /** Port → the decoder that a person has chosen for it. */
  readonly decodeAs?: Readonly<Record<number, string>>;
}

/** What is counted of a file. `standInForVscode()` comes first. */
export async function countFile(
  path: string,
  question: Partial<StatisticsQuestion>,
  { definition = {} as UsedDefinition, decodeAs = {} }: CountOptions = {},
): Promise<StatisticsTable> {
  const { Counting } = await import("../../../../extension/host/statistics/counting.ts");
  const file = new SavedCapture(path);
  await file.read();
  const source = sourceOf(file);
  const decoders = await decodersOf(definition, decodeAs);
  const whole = { by: "conversation", field: "", sequence: "", filter: "", ...question } as const;
  const counting = new Counting(source, decoders, whole);
  try {
    await counting.counted();
    if (counting.problem) throw new Error(JSON.stringify(counting.problem));
    return counting.table();
  } finally {
    counting.dispose();
    await file.close();
  }
}

function sourceOf(file: SavedCapture): CaptureSource {
  return {
    isLive: false,
    name: "capture",
    capture: file.capture,
    payload: (id, limit) => file.payload(id, limit),
    onDidChange: () => ({ dispose: () => {} }),
    evicted: 0,
    remarks: [],
    progress: undefined,
    cancel: () => {},
  };
}
