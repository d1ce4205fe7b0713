import { SavedCapture } from "../../extension/host/capture/saved_capture.ts";
import { peakMib } from "./memory.ts";

/**
 * Opens the capture file that is named on the command line, as the extension host does, and prints how many
 * milliseconds it took until all of it was in the table. A process of its own: the first file that somebody opens
 * finds nothing compiled.
 */
const [path = ""] = process.argv.slice(2);
const file = new SavedCapture(path);
const start = performance.now();
const { datagrams, problems } = await file.read();
const milliseconds = performance.now() - start;
await file.close();
process.stdout.write(JSON.stringify({ milliseconds, datagrams, problems, peakMib: peakMib() }));
