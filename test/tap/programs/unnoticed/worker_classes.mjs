// What a program can ask of the classes of workers, and what their workers are told.
import dgram from "node:dgram";
import { unlinkSync } from "node:fs";
import threads, { isMainThread, Worker as NodeWorker, parentPort } from "node:worker_threads";

if (isMainThread) {
  // The tap's own file, which is gone from now on.
  if (process.argv[3]) unlinkSync(process.argv[3]);
  for (const [Class, from] of [
    [NodeWorker, threads],
    [globalThis.Worker, globalThis],
  ]) {
    if (!Class) continue;
    const { value, ...how } = Object.getOwnPropertyDescriptor(from, "Worker") ?? {};
    console.log(Class.name, Class.length, typeof value, JSON.stringify(how));
    console.log(JSON.stringify(Object.getOwnPropertyDescriptor(Class.prototype, "constructor")));
    console.log(Reflect.ownKeys(Class).map(String).sort().join());
    for (const wrong of [[], [{}], ["./none.mjs", 7]]) {
      try {
        const worker = new Class(...wrong);
        worker.on?.("error", () => {});
        worker.addEventListener?.("error", (event) => event.preventDefault());
        await worker.terminate();
      } catch (error) {
        console.log(error.name, error.message);
      }
    }
  }
  class Own extends NodeWorker {
    field = 1;
  }
  const worker = new Own(new URL(import.meta.url), { workerData: process.argv[2] ?? "quiet" });
  console.log(worker instanceof NodeWorker, worker.constructor === Own, worker.field);
  console.log(await new Promise((resolve) => worker.once("message", resolve)));
  await worker.terminate();
} else {
  const socket = dgram.createSocket("udp4");
  socket.bind(0, "127.0.0.1", () => socket.send("x", socket.address().port, "127.0.0.1"));
  socket.once("message", () => {
    socket.close();
    // Told once the event loop has come round: what is older than a turn is in the file.
    setTimeout(() => parentPort.postMessage(`worker of ${threads.workerData}`), 1);
  });
}
