// What stands in the stacks of errors that come about below a socket.
const dgram = require("node:dgram");
const socket = dgram.createSocket("udp4");
const files = (error) =>
  error.stack.match(/[\w./:-]+(?=:\d+:\d+)/g).map((file) => file.split("/").at(-1));
socket.on("message", () => {
  console.log("message", files(new Error("x")).join());
  socket.close();
});
socket.bind(0, "127.0.0.1", () => {
  console.log("listening", files(new Error("x")).join());
  const second = dgram.createSocket("udp4");
  second.on("error", (error) => {
    console.log("error", files(error).join());
    socket.send("x", socket.address().port, "127.0.0.1");
  });
  second.bind(socket.address().port, "127.0.0.1");
  try {
    second.bind(0);
  } catch (error) {
    console.log("thrown", files(error).join());
  }
});
