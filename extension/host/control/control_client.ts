import { createHmac } from "node:crypto";
import { connect } from "node:net";
import {
  CONTROL_PATIENCE_MS,
  type ControlReply,
  type ControlRequest,
  formatRequest,
  MOST_REPLY,
  parseReply,
} from "../../core/wire/control_message.ts";

/** Nobody listens there: nothing was asked. Or somebody does and gave no reply: then nobody knows what was done. */
export type Silence = "noProgram" | "noReply";

/**
 * Asks the program that listens at `path`.
 *
 * @param token What the program was given in its environment when it was started.
 */
export function askProgram(
  path: string,
  token: string,
  request: ControlRequest,
): Promise<ControlReply | Silence> {
  const auth = createHmac("sha256", token).update(path).digest("hex");
  return new Promise((resolve) => {
    let text = "";
    let silence: Silence = "noProgram";
    const connection = connect(path);
    const finish = (reply?: ControlReply) => {
      clearTimeout(deadline);
      connection.destroy();
      resolve(reply ?? silence);
    };
    const deadline = setTimeout(finish, CONTROL_PATIENCE_MS);
    connection.setEncoding("utf8");
    connection.on("connect", () => {
      silence = "noReply";
      connection.write(`${formatRequest(request, auth)}\n`);
    });
    connection.on("error", () => finish());
    connection.on("close", () => finish());
    connection.on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end >= 0) finish(parseReply(text.slice(0, end)));
      else if (text.length > MOST_REPLY) finish();
    });
  });
}
