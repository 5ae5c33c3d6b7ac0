import { parseBytes, parseCpuMillis } from "../../api/quantity.ts";
import { list, mapOf } from "./collections.ts";
import type { Job, Manifest, Port, Probe, Program, Resources, Service, Volume } from "./manifest.ts";
import { type Fields, type Reader, record } from "./reader.ts";
import { argument, containerPath, dnsLabel, envName, envValue, httpPath, image, portName } from "./texts.ts";
import { boolean, choice, constant, integer, quantity } from "./values.ts";

export const maxPrograms = 16;
/** What distroless images use; any image that does not insist on root can run as it. */
const defaultUser = 65_532;
const gibibyte = 2n ** 30n;

const cpu = quantity({
  rule: "cores, as `4` or `500m`; from 1m to 4096",
  example: '"4"',
  parse: parseCpuMillis,
  min: 1n,
  max: 4_096_000n,
});
const bytes = quantity({
  rule: "bytes, as `8Gi`; from 1Mi to 1Pi",
  example: "8Gi",
  parse: parseBytes,
  min: 2n ** 20n,
  max: 2n ** 50n,
});

const resources: Reader<Resources> = record("what one replica gets, as request and limit alike", (fields) => ({
  cpuMillis: fields.required("cpu", cpu),
  memoryBytes: fields.required("memory", bytes),
  ephemeralStorageBytes: fields.withDefault("ephemeralStorage", bytes, gibibyte, "1Gi"),
  accelerators: fields.withDefault("accelerators", integer(0, 64), 0),
}));

const volume: Reader<Volume> = record("a volume", (fields) => ({
  name: fields.required("name", dnsLabel(20)),
  mount: fields.required("mount", containerPath),
  sizeBytes: fields.required("size", bytes),
  storage: fields.withDefault("storage", dnsLabel(63), "ephemeral"),
}));

const port: Reader<Port> = record("a port that the service listens on", (fields) => {
  const value: Port = {
    name: fields.required("name", portName),
    port: fields.required("port", integer(1, 65_535)),
    protocol: fields.withDefault("protocol", choice("TCP", "UDP"), "TCP"),
    expose: fields.withDefault("expose", boolean, false),
  };
  if (value.expose && value.protocol === "UDP")
    fields.refuse("expose", "is for TCP only", "an exposed port is served over HTTP; expose a TCP port");
  return value;
});

const portNumber = integer(1, 65_535);
const httpCheck = record("an HTTP GET that must answer 200 to 399", (fields) => ({
  kind: "http" as const,
  path: fields.withDefault("path", httpPath, "/"),
  port: fields.required("port", portNumber),
}));
const tcpCheck = record("a TCP connection that must open", (fields) => ({
  kind: "tcp" as const,
  port: fields.required("port", portNumber),
}));

const probe: Reader<Probe> = record("a check, either http or tcp", (fields) => {
  const http = fields.optional("http", httpCheck);
  const tcp = fields.optional("tcp", tcpCheck);
  if ((http === undefined) === (tcp === undefined))
    fields.refuse("http", "or tcp must stand here, and only one of them", "write `http: {path: /, port: 8080}`");
  return {
    check: http ?? tcp ?? { kind: "tcp", port: 1 },
    initialDelaySeconds: fields.withDefault("initialDelaySeconds", integer(0, 3600), 0),
    periodSeconds: fields.withDefault("periodSeconds", integer(1, 300), 10),
    timeoutSeconds: fields.withDefault("timeoutSeconds", integer(1, 60), 1),
    failureThreshold: fields.withDefault("failureThreshold", integer(1, 100), 3),
  };
});

const probes: Reader<Service["probes"]> = record("checks", (fields) => {
  const readiness = fields.optional("readiness", probe);
  const liveness = fields.optional("liveness", probe);
  return { ...(readiness && { readiness }), ...(liveness && { liveness }) };
});

/** The fields that services and jobs share. */
function program(fields: Fields): Program {
  const shared = {
    name: fields.required("name", dnsLabel(40)),
    image: fields.required("image", image),
    command: fields.withDefault("command", list(argument, 64), [], "the image's"),
    args: fields.withDefault("args", list(argument, 64), [], "the image's"),
    env: fields.withDefault("env", mapOf(envName, envValue, 64), new Map(), "none"),
    secretEnv: fields.withDefault("secretEnv", mapOf(envName, envValue, 64), new Map(), "none"),
    volumes: fields.withDefault("volumes", list(volume, 8), [], "none"),
    user: fields.withDefault("user", integer(1, 65_535), defaultUser),
  };
  const asked = fields.optional("resources", resources);
  checkProgram(shared, fields);
  return { ...shared, ...(asked && { resources: asked }) };
}

function checkProgram({ env, secretEnv, volumes }: Program, fields: Fields): void {
  const both = [...env.keys()].filter((name) => secretEnv.has(name));
  if (both.length > 0) fields.refuse("secretEnv", "repeats a name of env", "keep each name in one of the two");
  refuseRepeats(
    fields,
    "volumes",
    "name",
    volumes.map((item) => item.name),
  );
  refuseRepeats(
    fields,
    "volumes",
    "mount",
    volumes.map((item) => item.mount),
  );
}

const service: Reader<Service> = record("a program that runs for as long as the lease", (fields) => {
  const value: Service = {
    ...program(fields),
    replicas: fields.withDefault("replicas", integer(1, 64), 1),
    ports: fields.withDefault("ports", list(port, 16), [], "none"),
    probes: fields.withDefault("probes", probes, {}, "none"),
  };
  refuseRepeats(
    fields,
    "ports",
    "name",
    value.ports.map((item) => item.name),
  );
  refuseRepeats(
    fields,
    "ports",
    "port and protocol",
    value.ports.map((item) => `${item.port}/${item.protocol}`),
  );
  if (value.ports.filter((item) => item.expose).length > 1)
    fields.refuse(
      "ports",
      "expose more than one port",
      "a service has one host name: expose one, or split the service",
    );
  return value;
});

const job: Reader<Job> = record("a program that runs to completion", (fields) => {
  const shared = program(fields);
  const completions = fields.withDefault("completions", integer(1, 10_000), 1);
  const value: Job = {
    ...shared,
    completions,
    parallelism: fields.withDefault("parallelism", integer(1, 64), 1),
    retriesPerIndex: fields.withDefault("retriesPerIndex", integer(0, 100), 3),
  };
  if (value.parallelism > completions)
    fields.refuse("parallelism", "is more than completions", "lower it, or raise completions");
  return value;
});

function refuseRepeats(fields: Fields, list: string, what: string, values: readonly string[]): void {
  if (new Set(values).size < values.length)
    fields.refuse(list, `use the same ${what} twice`, `give each its own ${what}`);
}

/** The whole language. */
export const manifest: Reader<Manifest> = record("a manifest", (fields) => {
  const value: Manifest = {
    version: fields.required("version", constant(1)),
    services: fields.withDefault("services", list(service, maxPrograms), [], "none"),
    jobs: fields.withDefault("jobs", list(job, maxPrograms), [], "none"),
  };
  const names = [...value.services, ...value.jobs].map((item) => item.name);
  if (names.length === 0) fields.refuse("services", "and jobs are both empty", "describe at least one service or job");
  if (names.length > maxPrograms)
    fields.refuse("services", `and jobs are ${names.length} together`, `at most ${maxPrograms}`);
  refuseRepeats(fields, "services", "name as another service or job", names);
  return value;
});
