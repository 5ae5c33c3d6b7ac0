import fc from "fast-check";

const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,10}[a-z0-9])?$/);
const text = fc.string({ unit: "grapheme", maxLength: 30 }).filter((value) => !value.includes("\0"));
const env = fc.dictionary(fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/), text, { maxKeys: 4 });
const resources = fc.record({
  cpu: fc.constantFrom("100m", "1", "2.5", 1),
  memory: fc.constantFrom("64Mi", "1Gi", "1G"),
  ephemeralStorage: fc.constantFrom("2Gi", "500M"),
  accelerators: fc.nat(1),
});
const volumes = fc.uniqueArray(
  fc.record({
    name,
    mount: fc.stringMatching(/^\/data\/[a-z0-9]{1,8}$/),
    size: fc.constantFrom("1Mi", "8Mi"),
    storage: fc.constantFrom("ephemeral", "memory", "fast"),
  }),
  { maxLength: 3, comparator: (a, b) => a.name === b.name || a.mount === b.mount },
);
const ports = fc.uniqueArray(
  fc.record(
    {
      name: fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/),
      port: fc.integer({ min: 1, max: 65_535 }),
      protocol: fc.constantFrom("TCP", "UDP"),
    },
    { requiredKeys: ["name", "port"] },
  ),
  { maxLength: 3, comparator: (a, b) => a.name === b.name || a.port === b.port },
);
const shared = {
  name,
  image: fc.constantFrom("registry.example:5000/team/app:1.2", "busybox", `app@sha256:${"0a".repeat(32)}`),
  args: fc.array(text, { maxLength: 3 }),
  env,
  volumes,
  resources,
  user: fc.integer({ min: 1, max: 65_535 }),
};
const service = fc.record(
  { ...shared, replicas: fc.integer({ min: 1, max: 3 }), ports },
  { requiredKeys: ["name", "image", "resources"] },
);
const job = fc.record(
  { ...shared, completions: fc.integer({ min: 1, max: 4 }) },
  { requiredKeys: ["name", "image", "resources"] },
);

/** Documents that mostly are manifests; a few break a rule that spans fields, as people's do. */
export const manifestDocument = fc.record({
  version: fc.constant(1),
  services: fc.uniqueArray(service, { minLength: 1, maxLength: 3, selector: (item) => item.name }),
  jobs: fc.uniqueArray(job, { maxLength: 2, selector: (item) => item.name }),
});

/** A service and a job that use every field. */
export const fullManifest = `version: 1
services:
  - name: web
    image: registry.example/team/app:1.2
    command: ["/bin/server"]
    args: ["--listen=:8080", "--price=$(PRICE)"]
    env: { LOG_LEVEL: info, PRICE: "5$" }
    secretEnv: { TOKEN: s3cr3t }
    replicas: 2
    resources: { cpu: "4", memory: 8Gi, ephemeralStorage: 20Gi, accelerators: 1 }
    ports:
      - { name: http, port: 8080, expose: true }
      - { name: gossip, port: 7946, protocol: UDP }
    volumes:
      - { name: data, mount: /data, size: 10Gi, storage: fast }
      - { name: shm, mount: /dev/shm, size: 1Gi, storage: memory }
      - { name: scratch, mount: /scratch, size: 5Gi }
    probes:
      readiness: { http: { path: /healthz, port: 8080 }, periodSeconds: 5 }
      liveness: { tcp: { port: 8080 }, failureThreshold: 6 }
    user: 1000
jobs:
  - name: train
    image: registry.example/team/train@sha256:${"0a".repeat(32)}
    completions: 4
    parallelism: 2
    retriesPerIndex: 1
    resources: { cpu: 500m, memory: 1Gi }
`;
