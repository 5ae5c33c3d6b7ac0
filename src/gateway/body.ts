import type { IncomingMessage } from "node:http";
import { accepted, type Checked, refused } from "./refusal.ts";

/** Reads a body of at most `limitBytes`, as it was sent. How long that may take is the server's request timeout. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Checked<Uint8Array>> {
  const tooLarge = (): Checked<never> =>
    refused(413, "BodyTooLarge", `the body is larger than ${limitBytes} bytes`, "Send a smaller manifest.");
  if (request.headers["content-encoding"] !== undefined) {
    const message = "the body has a Content-Encoding";
    return refused(415, "EncodingNotSupported", message, "Send the bytes as they are.", "content-encoding");
  }
  if (Number(request.headers["content-length"] ?? 0) > limitBytes) return tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      if (!(chunk instanceof Uint8Array)) continue;
      size += chunk.length;
      if (size > limitBytes) return tooLarge();
      chunks.push(chunk);
    }
  } catch {
    return refused(400, "BodyCutOff", "the body ended early", "Send the request again.");
  }
  return accepted(Buffer.concat(chunks));
}
