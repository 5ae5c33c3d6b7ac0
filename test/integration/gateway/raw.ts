import { connect } from "node:net";

/** Sends bytes over TCP as they are and gathers what comes back until the server ends the connection. */
export function exchange(port: number, chunks: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      answer += text;
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
    });
    socket.on("close", () => resolve(answer));
    for (const chunk of chunks) socket.write(chunk);
  });
}

/** Status and JSON body of a raw HTTP/1.1 answer. */
export function parseAnswer(answer: string): { readonly status: number; readonly body: unknown } {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
  return { status, body: JSON.parse(body) };
}
