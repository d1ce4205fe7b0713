// Sends what each line of stdin says: a word, how many, and how many bytes each has; and says when the system has them all.
const dgram = require("node:dgram");
const { createInterface } = require("node:readline");

const port = Number(process.argv[2]);
const socket = dgram.createSocket("udp4");
let number = 0;
socket.bind(0, "127.0.0.1", () => console.log("ready"));
createInterface(process.stdin).on("line", (line) => {
  const [word = "", count = "1", bytes = "48"] = line.split(" ");
  let left = Number(count);
  for (let at = 0; at < Number(count); at++) {
    const payload = `${word} ${number++}`.padEnd(Number(bytes));
    socket.send(payload, port, "127.0.0.1", () => {
      if (--left === 0) console.log("sent");
    });
  }
});
