import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";

export interface Received {
  readonly data: Buffer;
  readonly peer: RemoteInfo;
}

/** A UDP socket of the test itself: the stranger that a script talks to. */
export class Stranger {
  readonly received: Received[] = [];
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (data, peer) => {
      if (!this.#isOwn(peer)) this.received.push({ data: Buffer.from(data), peer });
    });
  }

  /** Binds; `answer` makes the answer to each datagram, if there is to be one. */
  static async bind(
    answer: (data: Buffer) => Buffer | string | undefined = () => undefined,
    { address = "127.0.0.1", port = 0, reuseAddr = false } = {},
  ): Promise<Stranger> {
    const socket = createSocket({ type: address.includes(":") ? "udp6" : "udp4", reuseAddr });
    const stranger = new Stranger(socket);
    socket.on("message", (data, peer) => {
      if (stranger.#isOwn(peer)) return;
      const bytes = answer(data);
      if (bytes !== undefined) socket.send(bytes, peer.port, peer.address);
    });
    const bound = once(socket, "listening");
    socket.bind(port, address);
    await bound;
    return stranger;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(data: Buffer | string, port: number, address = "127.0.0.1"): void {
    this.#socket.send(data, port, address);
  }

  /** Sends; resolves when the system has the datagram. */
  async sent(data: Buffer | string, port: number, address = "127.0.0.1"): Promise<void> {
    await new Promise((resolve) => this.#socket.send(data, port, address, resolve));
  }

  /** Calls this with each datagram that comes from somebody else. */
  onEach(listener: (data: Buffer, peer: RemoteInfo) => void): void {
    this.#socket.on("message", (data, peer) => {
      if (!this.#isOwn(peer)) listener(data, peer);
    });
  }

  /** Resolves when a datagram comes. */
  async next(): Promise<void> {
    await once(this.#socket, "message");
  }

  /** Sends, and resolves to the next datagram that comes. */
  async ask(data: Buffer | string, port: number, address = "127.0.0.1"): Promise<Buffer> {
    const answered = once(this.#socket, "message");
    this.send(data, port, address);
    const [answer] = await answered;
    return Buffer.from(answer);
  }

  /**
   * Everything that had reached the socket by now, also what this process had no time to read yet: a program that has
   * ended has sent all, which does not mean that all was read. A datagram to itself is the last in the queue; where the
   * queue has no room for it, another one follows.
   */
  async all(): Promise<readonly Received[]> {
    const { address, port } = this.#socket.address();
    await new Promise<void>((resolve) => {
      const last = () => this.#socket.send("", port, address);
      const again = setInterval(last, 100);
      const seen = (_: Buffer, peer: RemoteInfo) => {
        if (!this.#isOwn(peer)) return;
        clearInterval(again);
        this.#socket.off("message", seen);
        resolve();
      };
      this.#socket.on("message", seen);
      last();
    });
    return this.received;
  }

  #isOwn({ address, port }: RemoteInfo): boolean {
    const own = this.#socket.address();
    return port === own.port && address === own.address;
  }

  close(): void {
    this.#socket.close();
  }
}
