import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { isRecord } from "../../../chain/hex.ts";
import { codeOf } from "../../input/files.ts";
import { formatDuration } from "../../output/duration.ts";
import { printable } from "../../output/text.ts";
import { type Finding, fail, ok, skipped, warn } from "../finding.ts";
import type { NetworkTarget } from "./target.ts";

const CHECK = "Gateway";
const DEADLINE_MILLISECONDS = 10_000;
const RENEW_SECONDS = 14 * 86_400;

/** How a gateway showed itself. */
export interface GatewayReading {
  /** Undefined for plain HTTP. */
  readonly certificate: Certificate | undefined;
  /** Why it cannot be used; undefined when it answered. */
  readonly problem: string | undefined;
  /** What it answered about the network. */
  readonly answer: Readonly<Record<string, unknown>>;
}

export interface Certificate {
  /** Why it is not believed; undefined when it is. */
  readonly problem: string | undefined;
  /** Seconds since the epoch. */
  readonly validToSeconds: number;
}

/** Whether tenants reach the gateway and can believe it. `url` undefined: nobody said where it is. */
export async function gatewayFinding(
  url: URL | undefined,
  target: NetworkTarget,
  nowSeconds: number,
): Promise<Finding> {
  const name = target.resource?.metadata.name;
  if (url === undefined || name === undefined) {
    const fix = "give --gateway (BERTHAGE_GATEWAY), the address that you tell tenants, once there is a ComputeNetwork";
    return skipped(CHECK, "its public address is not known", fix);
  }
  return judgeGateway(url, await readGateway(url, name), target, nowSeconds);
}

async function readGateway(url: URL, network: string): Promise<GatewayReading> {
  const certificate = url.protocol === "https:" ? await readCertificate(url) : undefined;
  if (certificate !== undefined && "unreached" in certificate) {
    return { certificate: undefined, problem: certificate.unreached, answer: {} };
  }
  if (certificate?.problem !== undefined) return { certificate, problem: certificate.problem, answer: {} };
  const root = url.pathname.replace(/\/+$/, "");
  try {
    const response = await fetch(new URL(`${root}/v1/networks/${encodeURIComponent(network)}`, url.origin), {
      signal: AbortSignal.timeout(DEADLINE_MILLISECONDS),
      redirect: "error",
    });
    const answer: unknown = await response.json();
    if (response.ok && isRecord(answer)) return { certificate, problem: undefined, answer };
    return { certificate, problem: `it answers HTTP ${response.status}`, answer: {} };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return { certificate, problem: `it cannot be reached: ${codeOf(cause)}`, answer: {} };
  }
}

/** Looks at a certificate whatever it is worth, so that the finding can say what is wrong with it. */
async function readCertificate(url: URL): Promise<Certificate | { readonly unreached: string }> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? 443 : Number(url.port);
  const socket = connectTls({ host, port, rejectUnauthorized: false, ...nameFor(host) });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(DEADLINE_MILLISECONDS) });
    const { valid_to } = socket.getPeerCertificate();
    const problem = socket.authorized ? undefined : `its certificate is not believed: ${socket.authorizationError}`;
    return { problem, validToSeconds: Date.parse(valid_to) / 1000 };
  } catch (error) {
    return { unreached: `it cannot be reached: ${codeOf(error)}` };
  } finally {
    socket.destroy();
  }
}

/** Servers choose their certificate by name; an address is none. */
function nameFor(host: string): { servername?: string } {
  return /^[\d.]+$|:/.test(host) ? {} : { servername: host };
}

/** What tenants would make of a gateway. Pure. */
export function judgeGateway(
  url: URL,
  { certificate, problem, answer }: GatewayReading,
  { chainId, market }: Pick<NetworkTarget, "chainId" | "market">,
  nowSeconds: number,
): Finding {
  const { origin } = url;
  if (problem !== undefined) {
    const fix = "see the Service, Ingress and certificate of the chart, and `kubectl get pods`";
    return fail(CHECK, `${origin}: ${problem}`, fix);
  }
  const served = `${answer["chainId"]} ${String(answer["market"]).toLowerCase()}`;
  if (served !== `${chainId} ${market?.toLowerCase()}`) {
    const fix = "give the address of this cluster's gateway with --gateway";
    return fail(CHECK, `${origin} serves market ${printable(String(answer["market"]))}, not ${market}`, fix);
  }
  if (certificate === undefined) {
    const fix =
      "end TLS at an Ingress or at the operator (gateway.tls): over plain HTTP anybody on the way reads along";
    return warn(CHECK, `${origin} answers, without TLS`, fix);
  }
  const left = certificate.validToSeconds - nowSeconds;
  const detail = `${origin} answers; its certificate is good for ${formatDuration(Math.max(0, left))}`;
  return left > RENEW_SECONDS ? ok(CHECK, detail) : warn(CHECK, detail, "renew it, by cert-manager or by hand");
}
