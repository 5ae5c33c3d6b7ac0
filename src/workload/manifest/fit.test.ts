import { describe, expect, it } from "vitest";
import { fullManifest } from "../../../test/support/workload/manifests.ts";
import { cpuOffer, gpuOffer, richOffer } from "../../../test/support/workload/offers.ts";
import { acceptManifest, type LeasedTerms } from "./fit.ts";

const gibibyte = 2n ** 30n;

/** A manifest of services in flow style. */
const services = (...items: string[]): string =>
  `version: 1\nservices:\n${items.map((item) => `  - ${item}`).join("\n")}`;

function accepted(text: string, terms: LeasedTerms) {
  const result = acceptManifest(text, terms);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.manifest;
}

function refused(text: string, terms: LeasedTerms) {
  const result = acceptManifest(text, terms);
  return result.ok ? [] : result.problems;
}

describe("acceptManifest", () => {
  it("gives the only program everything that is leased", () => {
    const manifest = accepted(services("{name: a, image: b}"), { offer: gpuOffer(), units: 2 });
    expect(manifest.services[0]?.resources).toEqual({
      cpuMillis: 16_000n,
      memoryBytes: 128n * gibibyte,
      ephemeralStorageBytes: 200n * gibibyte,
      accelerators: 2,
    });
  });

  it("leaves the sandbox its part of what is leased", () => {
    const sandbox = { overhead: { podFixed: { cpu: "250m", memory: "160Mi" } } };
    const manifest = accepted(services("{name: a, image: b}"), { offer: gpuOffer(), units: 1, sandbox });
    expect(manifest.services[0]?.resources).toMatchObject({ cpuMillis: 8000n, memoryBytes: 64n * gibibyte });
  });

  it("counts the sandbox of every pod", () => {
    const sandbox = { overhead: { podFixed: { cpu: "1" } } };
    const text = services("{name: a, image: b, replicas: 8, resources: {cpu: 1, memory: 1Gi}}");
    expect(accepted(text, { offer: gpuOffer(), units: 1 }).services).toHaveLength(1);
    expect(refused(text, { offer: gpuOffer(), units: 1, sandbox })).toMatchObject([
      { rule: "capacity", message: "add up to 16 of cpu, but 9 is leased" },
    ]);
  });

  it("accepts a manifest that uses every field", () => {
    expect(accepted(fullManifest, { offer: richOffer(), units: 2 }).jobs[0]?.resources.accelerators).toBe(0);
  });

  it("wants resources where several programs or replicas share", () => {
    const terms = { offer: gpuOffer(), units: 1 };
    expect(refused(services("{name: a, image: b}", "{name: c, image: d}"), terms)).toMatchObject([
      { path: "services[0].resources", rule: "required", line: 3 },
      { path: "services[1].resources", rule: "required", line: 4 },
    ]);
    expect(refused(services("{name: a, image: b, replicas: 2}"), terms)).toMatchObject([{ rule: "required" }]);
    expect(refused("version: 1\njobs: [{name: a, image: b, completions: 2, parallelism: 2}]", terms)).toMatchObject([
      { path: "jobs[0].resources", rule: "required" },
    ]);
  });

  it.each([
    ["cpu", "{cpu: 4001m, memory: 1Gi}", "add up to 8002m of cpu, but 8 is leased"],
    ["memory", "{cpu: 1, memory: 33Gi}", "add up to 66Gi of memory, but 64Gi is leased"],
    [
      "ephemeralStorage",
      "{cpu: 1, memory: 1Gi, ephemeralStorage: 51Gi}",
      "add up to 102Gi of ephemeralStorage, but 100Gi is leased",
    ],
    ["accelerators", "{cpu: 1, memory: 1Gi, accelerators: 1}", "add up to 2 of accelerators, but 1 is leased"],
  ])("refuses more %s than is leased, summed over replicas", (_what, resources, message) => {
    const problems = refused(services(`{name: a, image: b, replicas: 2, resources: ${resources}}`), {
      offer: gpuOffer(),
      units: 1,
    });
    expect(problems).toMatchObject([
      { path: "services", line: 2, rule: "capacity", message, hint: expect.stringContaining("more units") },
    ]);
  });

  it("names every dimension that is exceeded", () => {
    const text = services(
      "{name: a, image: b, resources: {cpu: 9, memory: 65Gi, ephemeralStorage: 101Gi, accelerators: 2}}",
    );
    expect(refused(text, { offer: gpuOffer(), units: 1 })).toHaveLength(4);
  });

  it("accepts exactly what is leased, and jobs count with what runs at a time", () => {
    const text = `${services("{name: a, image: b, resources: {cpu: 4, memory: 32Gi, ephemeralStorage: 50Gi}}")}
jobs: [{name: c, image: d, completions: 100, parallelism: 2, resources: {cpu: 2, memory: 16Gi, ephemeralStorage: 25Gi}}]`;
    expect(accepted(text, { offer: gpuOffer(), units: 1 }).jobs[0]?.completions).toBe(100);
    expect(refused(text.replace("parallelism: 2", "parallelism: 3"), { offer: gpuOffer(), units: 1 })).toHaveLength(3);
  });

  it("refuses accelerators of an offer without any", () => {
    const text = services("{name: a, image: b, resources: {cpu: 1, memory: 1Gi, accelerators: 1}}");
    expect(refused(text, { offer: cpuOffer(), units: 1 })).toMatchObject([
      { message: "add up to 1 of accelerators, but 0 is leased" },
    ]);
  });

  it("refuses more pods than the units carry", () => {
    const text = services(
      "{name: a, image: b, replicas: 17, resources: {cpu: 1m, memory: 1Mi, ephemeralStorage: 1Mi}}",
    );
    expect(refused(text, { offer: gpuOffer(), units: 1 })).toMatchObject([
      { message: "add up to 17 of pods, but 16 is leased" },
    ]);
    expect(accepted(text, { offer: gpuOffer(), units: 2 }).services[0]?.replicas).toBe(17);
  });

  it("refuses volumes larger than what holds them", () => {
    const program = (volume: string): string =>
      services(
        `{name: a, image: b, resources: {cpu: 1, memory: 1Gi, ephemeralStorage: 2Gi}, volumes: [{name: v, mount: /v, ${volume}}]}`,
      );
    const terms = { offer: richOffer(), units: 1 };
    expect(refused(program("size: 3Gi"), terms)).toMatchObject([
      { path: "services[0].volumes", rule: "capacity", hint: "make them smaller or resources.ephemeralStorage larger" },
    ]);
    expect(refused(program("size: 2Gi, storage: memory"), terms)).toMatchObject([
      { path: "services[0].volumes", rule: "capacity", hint: "make them smaller or resources.memory larger" },
    ]);
    expect(refused(program("size: 101Gi, storage: fast"), terms)).toMatchObject([
      { message: "add up to 101Gi of persistent storage, but 100Gi is leased" },
    ]);
    expect(accepted(program("size: 100Gi, storage: fast"), terms).services).toHaveLength(1);
  });

  it("refuses what the offer does not sell, with what it does", () => {
    const volume = services("{name: a, image: b, volumes: [{name: v, mount: /v, size: 1Gi, storage: slow}]}");
    expect(refused(volume, { offer: richOffer(), units: 1 })).toMatchObject([
      { path: "services[0].volumes[0].storage", rule: "offer", hint: "use ephemeral, memory, fast", line: 3 },
    ]);
    const host = services("{name: a, image: b, ports: [{name: http, port: 80, expose: true}]}");
    expect(refused(host, { offer: gpuOffer(), units: 1 })).toMatchObject([
      { path: "services[0].ports[0].expose", rule: "offer", line: 3, column: expect.any(Number) },
    ]);
    expect(accepted(host, { offer: richOffer(), units: 1 }).services).toHaveLength(1);
  });

  it("hands on what the parser refused", () => {
    expect(refused("version: 2", { offer: gpuOffer(), units: 1 })).toMatchObject([
      { path: "services" },
      { path: "version" },
    ]);
  });
});
