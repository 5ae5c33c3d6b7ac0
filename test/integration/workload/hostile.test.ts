import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { leaseNamespace } from "../../../src/api/names.ts";
import { desiredLease } from "../../../src/controllers/lease/intake.ts";
import { planLease } from "../../../src/controllers/lease/plan.ts";
import { leaseStatus } from "../../../src/controllers/lease/status.ts";
import { isSubset } from "../../../src/kube/drift.ts";
import { acceptManifest } from "../../../src/workload/manifest/fit.ts";
import { buildLeaseObjects } from "../../../src/workload/objects/build.ts";
import { crdFolder } from "../../../tools/crds/schema.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { eventually } from "../../harness/wait.ts";
import { extremeLease } from "../../support/controllers/extremes.ts";
import { conditionFacts, leaseFacts } from "../../support/controllers/facts.ts";
import { ledgerLease, point, tenant } from "../../support/controllers/ledger.ts";
import { computeOffer } from "../../support/controllers/objects.ts";
import { isolation, richOffer } from "../../support/workload/offers.ts";

const network = "n".repeat(40);
const leaseId = "9".repeat(15);
const namespace = leaseNamespace(network, leaseId);
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ controllers: false, manifests: [crdFolder] });
  await cluster.kubectl(["create", "namespace", namespace]);
  await eventually("the kind to be served", () => cluster.kubectl(["get", "computeleases"]));
});
afterAll(async () => {
  await cluster?.stop();
});

/** The API server judges all objects, stores none, and would hold what it was given: else each pass would write again. */
async function judge(objects: readonly object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  const judged = ["create", "--dry-run=server", "--validate=strict", "-o", "json", "-f", "-"];
  const answers = (await cluster.kubectl(judged, list)).split(/\n(?=\{)/).map((text): unknown => JSON.parse(text));
  expect(answers).toHaveLength(objects.length);
  const drifted = objects.filter((object, i) => !isSubset(object, answers[i]));
  expect(drifted).toEqual([]);
}

/** Text as hostile as it may be and still be text: controls, directions, what templates and shells would take. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 10 }),
      fc.constantFrom(
        "\u202e",
        "\u200b",
        "\u0007",
        "$(PATH)",
        "{{.x}}",
        "\r\n---\n",
        "'\"`",
        "\uffff",
        "😀",
        "&a",
        "*a",
      ),
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join("").replaceAll("\0", "").toWellFormed());
const label = (max: number): fc.Arbitrary<string> =>
  fc.constantFrom("a", "a-0", "default", "kubernetes", "default-deny", "a".repeat(max), `a${"-".repeat(max - 2)}z`);
const values = fc.dictionary(fc.constantFrom("A", "_", "PATH", "a".repeat(128)), text);
const program = {
  image: fc.constantFrom("a", "a/b:c", `r.example:5000/${"a".repeat(400)}:x`, `a@sha256:${"0f".repeat(32)}`),
  command: fc.array(text, { maxLength: 2 }),
  args: fc.array(text, { maxLength: 2 }),
  env: values,
  volumes: fc.uniqueArray(
    fc.record({
      name: label(20),
      mount: fc.oneof(
        fc.constantFrom("/a", "/\u202e", "/$(X)", "/a,b=c", "/dev/shm", `/${"é".repeat(200)}`, "/..."),
        text.map((some) => `/x${some}`),
      ),
      size: fc.constantFrom("1Mi", "1048577", "2000000u"),
      storage: fc.constantFrom("ephemeral", "memory", "fast"),
    }),
    { maxLength: 3, comparator: (a, b) => a.name === b.name || a.mount === b.mount },
  ),
  resources: fc.constantFrom(
    { cpu: "1m", memory: "1Gi" },
    { cpu: 0.0015, memory: "1e9", ephemeralStorage: "2000000001" },
  ),
  user: fc.constantFrom(1, 65_535),
};
const probe = fc.record({
  http: fc.record({ path: fc.constantFrom("/", "/?a=b#c", "/%zz", "/{}|^`\\"), port: fc.constantFrom(1, 65_535) }),
  periodSeconds: fc.constantFrom(1, 300),
});
const service = fc.record({
  ...program,
  name: label(40),
  ports: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom("a", "0a", "a-b", "abcdefghijklmno"),
      port: fc.constantFrom(1, 53, 65_535),
      protocol: fc.constantFrom("TCP", "UDP"),
      expose: fc.boolean(),
    }),
    { maxLength: 2, comparator: (a, b) => a.name === b.name || a.port === b.port },
  ),
  probes: fc.record({ liveness: probe, readiness: probe }),
});
const job = fc.record({
  ...program,
  name: label(40),
  completions: fc.constantFrom(1, 10_000),
  retriesPerIndex: fc.constantFrom(0, 100),
});
const manifest = fc.record({
  version: fc.constant(1),
  services: fc.uniqueArray(service, { maxLength: 2, selector: ({ name }) => name }),
  jobs: fc.uniqueArray(job, { maxLength: 2, selector: ({ name }) => name }),
});

it("takes every object of every manifest that is accepted, however strange", async () => {
  const offer = richOffer({
    ingress: { domain: `${"d".repeat(63)}.${"d".repeat(63)}.example`, className: "nginx" },
  });
  const accepted = manifest
    .map((document) => acceptManifest(JSON.stringify(document), { offer, units: 16 }))
    .filter((result) => result.ok)
    .map((result) => result.manifest);
  await fc.assert(
    fc.asyncProperty(accepted, async (manifest) => {
      const built = buildLeaseObjects({
        lease: { network, leaseId, offer: "o".repeat(63), tenant, units: 16, manifestHash: `0x${"0a".repeat(32)}` },
        leaseUid: "3f8f7b0e-5a0e-4c0e-9d0a-000000000000",
        offer,
        manifest,
        node: "n".repeat(253),
        suspended: false,
        isolation,
      });
      await judge([...built.isolation, ...built.workload]);
    }),
    { numRuns: 20 },
  );
});

it("takes the ComputeLease of every entry that a ledger can hold, and its status", async () => {
  const entries = fc.sample(extremeLease, 60);
  const leases = entries.map((entry, i) =>
    desiredLease(network, computeOffer("o".repeat(63)), { ...entry, id: String(i + 1) }),
  );
  await judge(leases);
  const first = desiredLease(network, computeOffer(), ledgerLease({ id: "1" }));
  const stored = JSON.parse(await cluster.kubectl(["create", "-o", "json", "-f", "-"], JSON.stringify(first)));
  for (const entry of entries.slice(0, 15)) {
    const plan = planLease({ ...leaseFacts(), existence: { kind: "active", entry }, nowSeconds: 2 ** 40 });
    const status = leaseStatus(stored, plan, {
      ...conditionFacts,
      point: point(2n ** 64n - 1n),
      namespace,
      endpoints: [],
      hasUpload: () => true,
      nowSeconds: 2 ** 40,
      nowMilliseconds: 0,
    });
    const patch = ["patch", "computelease", first.metadata.name ?? "", "--subresource=status", "--type=merge"];
    await cluster.kubectl([...patch, "--dry-run=server", "-p", JSON.stringify({ status })]);
  }
});
