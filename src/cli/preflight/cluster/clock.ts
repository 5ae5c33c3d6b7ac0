import { isRecord } from "../../../chain/hex.ts";
import type { Transport } from "../../../kube/transport.ts";
import { type Finding, ok, skipped, warn } from "../finding.ts";

/** Tenants' grants and tokens are good for minutes; NTP keeps clocks within a fraction of a second. */
const TOLERATED_SECONDS = 10;

/** The API server's clock in seconds since the epoch: it stamps the answer to "who am I?", which anyone may ask. */
export async function serverTime(transport: Transport): Promise<number | undefined> {
  const text = await transport.request({
    operation: { verb: "review", resource: "selfsubjectreviews" },
    method: "POST",
    path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    contentType: "application/json",
    body: JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" }),
  });
  const answer: unknown = JSON.parse(text);
  const metadata = isRecord(answer) ? answer["metadata"] : undefined;
  const milliseconds = Date.parse(String(isRecord(metadata) ? metadata["creationTimestamp"] : ""));
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

/** Compares two clocks. `ownSeconds` is of the moment at which the server's was read. Pure. */
export function clockFinding(ownSeconds: number, serverSeconds: number | undefined): Finding {
  const check = "Clock";
  if (serverSeconds === undefined) {
    return skipped(check, "the API server does not tell its time", "compare `date` here and on the control plane");
  }
  const ahead = Math.round(serverSeconds - ownSeconds);
  if (Math.abs(ahead) <= TOLERATED_SECONDS) return ok(check, "the API server's agrees with ours");
  const direction = ahead > 0 ? "ahead of" : "behind";
  return warn(
    check,
    `the API server's is ${Math.abs(ahead)} s ${direction} ours`,
    "find out which one is wrong, and let NTP (chrony, systemd-timesyncd) set it",
  );
}
