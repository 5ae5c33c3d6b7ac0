import { readFile } from "node:fs/promises";
import { Agent } from "undici";
import { isRecord } from "../src/kube/status-body.ts";
import { type LeasePlan, type PlannedCall, uidPlaceholder } from "./replay.ts";

/** What the bare client is told in a file, whose path is its only argument. */
export interface BareWork {
  readonly url: string;
  readonly caFile: string;
  readonly token: string;
  readonly connections: number;
  /** Leases written at once. */
  readonly concurrency: number;
  readonly leases: readonly LeasePlan[];
}

/** What it says on stdout when it is done. */
export interface BareResult {
  readonly cpuSeconds: number;
  readonly failures: readonly string[];
}

/** Writes ready-made bodies over pooled connections and does nothing else: as fast as anything in Node can be. */
async function writeAll(work: BareWork): Promise<BareResult> {
  const { url: origin, token, connections, concurrency } = work;
  const agent = new Agent({
    connections,
    pipelining: 1,
    allowH2: false,
    connect: { ca: await readFile(work.caFile, "utf8") },
  });
  const failures: string[] = [];
  const send = async ({ method, path, contentType, body }: PlannedCall, uid: string): Promise<string> => {
    const headers = {
      authorization: `Bearer ${token}`,
      accept: "application/json",
      "content-type": contentType,
      "user-agent": "bare",
    };
    const verb = method === "POST" ? "POST" : method === "PUT" ? "PUT" : "PATCH";
    const text = body.replaceAll(uidPlaceholder, uid);
    const answer = await agent.request({ origin, path, method: verb, headers, body: text });
    const answered = await answer.body.text();
    if (answer.statusCode >= 300) failures.push(`${method} ${path}: ${answer.statusCode} ${answered.slice(0, 300)}`);
    return answered;
  };
  const writeLease = async (plan: LeasePlan): Promise<void> => {
    const [first] = plan[0] ?? [];
    if (first === undefined) return;
    const uid = uidIn(await send(first, ""));
    for (const stage of plan.slice(1)) await Promise.all(stage.map((call) => send(call, uid)));
  };
  const waiting = [...work.leases];
  const before = process.cpuUsage();
  const worker = async (): Promise<void> => {
    for (let plan = waiting.shift(); plan !== undefined; plan = waiting.shift()) await writeLease(plan);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const { user, system } = process.cpuUsage(before);
  await agent.close();
  return { cpuSeconds: (user + system) / 1e6, failures: failures.slice(0, 5) };
}

function uidIn(answer: string): string {
  const object: unknown = JSON.parse(answer);
  const metadata = isRecord(object) ? object["metadata"] : undefined;
  return isRecord(metadata) ? String(metadata["uid"]) : "";
}

const [file = ""] = process.argv.slice(2);
// Written by run-bare-client.ts a moment ago: the type holds.
const work: BareWork = JSON.parse(await readFile(file, "utf8"));
process.stdout.write(JSON.stringify(await writeAll(work)));
