/** The blocks of a pcapng file that describe: section, interface, statistics (sections 4.1, 4.2, 4.6). */
import type { InterfaceRecord, SectionRecord, StatisticsRecord } from "../capture_sink.ts";
import { Option } from "./format.ts";
import { forEachOption, type OptionList } from "./options.ts";
import { type TimeScale, timeScale, toMicroseconds } from "./time.ts";

/** What the reader has to remember of an interface: little, as a file may have a hundred thousand of them. */
export interface CaptureInterface {
  /** {@link InterfaceRecord.id} */
  readonly id: number;
  readonly linkType: number;
  /** The most bytes of a packet that are kept; 0: all. */
  readonly snapLength: number;
  readonly timeScale: TimeScale;
}

export function readSection(options: OptionList): SectionRecord {
  const { view, texts } = options;
  const comments: string[] = [];
  let application = "";
  let os = "";
  forEachOption(options, (code, offset, length) => {
    if (code === Option.comment) comments.push(texts.read(view, offset, length));
    else if (code === Option.sectionApplication) application = texts.read(view, offset, length);
    else if (code === Option.sectionOs) os = texts.read(view, offset, length);
  });
  return { application, os, comments };
}

export function readInterface(
  options: OptionList,
  fields: { readonly id: number; readonly linkType: number; readonly snapLength: number },
): { readonly record: InterfaceRecord; readonly kept: CaptureInterface } {
  const { view, littleEndian, texts } = options;
  const comments: string[] = [];
  let name = "";
  let description = "";
  let resolution = 6;
  let offsetSeconds = 0n;
  forEachOption(options, (code, offset, length) => {
    if (code === Option.comment) comments.push(texts.read(view, offset, length));
    else if (code === Option.interfaceName) name = texts.read(view, offset, length);
    else if (code === Option.interfaceDescription) description = texts.read(view, offset, length);
    else if (code === Option.timestampResolution && length === 1)
      resolution = view.getUint8(offset);
    else if (code === Option.timestampOffset && length === 8) {
      offsetSeconds = view.getBigInt64(offset, littleEndian);
    }
  });
  return {
    record: { id: fields.id, name, description, comments },
    kept: { ...fields, timeScale: timeScale(resolution, offsetSeconds) },
  };
}

export function readStatistics(options: OptionList, owner: CaptureInterface): StatisticsRecord {
  const { view, littleEndian } = options;
  const counts: { -readonly [Key in keyof StatisticsRecord]: StatisticsRecord[Key] } = {
    id: owner.id,
  };
  forEachOption(options, (code, offset, length) => {
    if (length !== 8) return;
    const count = Number(view.getBigUint64(offset, littleEndian));
    if (code === Option.statisticsReceived) counts.received = count;
    else if (code === Option.statisticsDropped) counts.dropped = count;
    else if (code === Option.statisticsOsDropped) counts.osDropped = count;
    else if (code === Option.statisticsStartTime || code === Option.statisticsEndTime) {
      const high = view.getUint32(offset, littleEndian);
      const low = view.getUint32(offset + 4, littleEndian);
      const time = toMicroseconds(owner.timeScale, high, low);
      if (code === Option.statisticsStartTime) counts.startTime = time;
      else counts.endTime = time;
    }
  });
  return counts;
}
