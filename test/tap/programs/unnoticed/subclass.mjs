// A subclass that counts what asks for its address, and whose methods are fields, set when the base has been made.
import { Socket } from "node:dgram";

class Fields extends Socket {
  asked = 0;
  emit = (name, ...rest) => {
    if (name === "message") console.log("mine", String(rest[0]));
    return Socket.prototype.emit.call(this, name, ...rest);
  };
  bind = (...args) => {
    console.log("my bind");
    return Socket.prototype.bind.apply(this, args);
  };
  address() {
    this.asked++;
    return super.address();
  }
  remoteAddress() {
    this.asked++;
    return super.remoteAddress();
  }
}
const socket = new Fields("udp4");
socket.on("message", () => socket.close(() => console.log("asked", socket.asked)));
socket.bind(0, "127.0.0.1", () => socket.send("x", socket.address().port, "127.0.0.1"));
