import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { get as httpGet, IncomingMessage } from "node:http";
import { get as httpsGet } from "node:https";

/** Whether a GET answers 200. An https `url` needs the file of the CA to trust, which may not exist yet: then it throws. */
export async function answersOk(url: string, caFile?: string, token?: string): Promise<boolean> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const options = { headers, agent: false as const, timeout: 2000 };
  const request =
    caFile === undefined ? httpGet(url, options) : httpsGet(url, { ...options, ca: await readFile(caFile) });
  request.once("timeout", () => request.destroy(new Error(`GET ${url} took more than 2 s`)));
  const [response]: unknown[] = await once(request, "response");
  if (!(response instanceof IncomingMessage)) throw new Error(`GET ${url} gave no response`);
  response.resume();
  return response.statusCode === 200;
}
