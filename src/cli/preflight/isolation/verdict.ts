/** One address that a client pod tried. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly kind: "pod" | "linkLocal" | "metadata";
}

/** What became of each target in one phase. */
export type Observation = ReadonlyMap<Target, boolean>;

export interface ProbeObservations {
  /** The node that server and clients ran on. */
  readonly node: string;
  /** Without any policy: what is not reached now says nothing later. */
  readonly open: Observation;
  /** While a policy lets nothing out of the client. */
  readonly deniedEgress: Observation;
  /** While a policy lets nothing into the server. */
  readonly deniedIngress: Observation;
}

export type Verdict =
  | { readonly kind: "enforced" | "notEnforced"; readonly message: string }
  /** The probe could not tell; what was known before stands (law 1). */
  | { readonly kind: "unknown"; readonly message: string };

/** Decides whether the cluster enforces NetworkPolicy. Pure. */
export function judge({ node, open, deniedEgress, deniedIngress }: ProbeObservations): Verdict {
  const tested = reached(open);
  if (!tested.some(({ kind }) => kind === "pod")) {
    const message = `On node ${node} a pod did not reach another one although no policy forbade it.`;
    return { kind: "unknown", message };
  }
  const leaks = [
    ...reached(deniedEgress).map((target) => `${describe(target)} against a policy that forbids egress`),
    ...reached(deniedIngress).map((target) => `${describe(target)} against a policy that forbids ingress`),
  ];
  if (leaks.length > 0) return { kind: "notEnforced", message: `On node ${node} a pod reached ${leaks.join(", ")}.` };
  const message = `On node ${node} a pod no longer reached ${tested.map(describe).join(", ")} once a policy forbade it.`;
  return { kind: "enforced", message };
}

/** What is worth trying once a policy forbids a direction: ingress rules stand only before the probe's own server. */
export function targetsUnder(direction: "Egress" | "Ingress", open: Observation): readonly Target[] {
  return reached(open).filter(({ kind }) => direction === "Egress" || kind !== "metadata");
}

function reached(observation: Observation): readonly Target[] {
  return [...observation].flatMap(([target, isOpen]) => (isOpen ? [target] : []));
}

function describe({ host, kind }: Target): string {
  return kind === "metadata" ? `the metadata service ${host}` : host;
}
