import { timestamp } from "./config.ts";
import type { DebianPackage } from "./debian.ts";
import type { Source } from "./source.ts";

type Json = Readonly<Record<string, unknown>>;

/** A part of what npm wrote; its other fields are handed on as they are. */
type Component = Json & { readonly "bom-ref": string };
type Dependency = { readonly ref: string; readonly dependsOn: readonly string[] };

export interface Contents {
  readonly source: Source;
  /** Of the manifest: `sha256:…`. */
  readonly digest: string;
  readonly architecture: string;
  readonly node: { readonly version: string; readonly sha256: string };
  readonly debian: { readonly release: string; readonly packages: readonly DebianPackage[] };
  /** The npm packages that were bundled. */
  readonly bundled: readonly { readonly name: string; readonly version: string }[];
}

/**
 * The image's bill of materials in CycloneDX 1.5: the bundled npm packages with what npm knows of them, Node, and Debian's packages.
 * Without a serial number and with the time of the sources, so that the same image has the same one.
 * @param npm output of `npm sbom --sbom-format cyclonedx`. Throws when that lacks a bundled package
 */
export function sbom(npm: unknown, contents: Contents): Json {
  const { source, debian } = contents;
  const { components, dependencies } = parseNpm(npm);
  const bundled = new Set(contents.bundled.map(({ name, version }) => `${name}@${version}`));
  requireAll(bundled, components);
  const app = `berthage@${source.version}`;
  const image = imageComponent(contents);
  const runtime = nodeComponent(contents);
  const system = debian.packages.map((one) => debianComponent(one, contents));
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { timestamp: timestamp(source), component: image },
    components: [appComponent(app, source), ...uniqueByRef(components, bundled), runtime, ...system],
    dependencies: [
      { ref: image["bom-ref"], dependsOn: [app, ...[runtime, ...system].map((one) => one["bom-ref"])] },
      ...uniqueDependencies(dependencies, new Set([app, ...bundled])),
    ],
  };
}

function imageComponent({ source, digest, architecture }: Contents): Component {
  const purl = `pkg:oci/berthage@${encodeURIComponent(digest)}?arch=${architecture}&tag=${encodeURIComponent(source.version)}`;
  return { "bom-ref": purl, type: "container", name: "berthage", version: source.version, purl };
}

function appComponent(ref: string, { version, commit }: Source): Component {
  return {
    "bom-ref": ref,
    type: "application",
    name: "berthage",
    version,
    licenses: [{ license: { id: "Apache-2.0" } }],
    properties: commit === "" ? [] : [{ name: "berthage:commit", value: commit }],
  };
}

function nodeComponent({ node: { version, sha256 } }: Contents): Component {
  return {
    "bom-ref": `node@${version}`,
    type: "application",
    name: "node",
    version,
    purl: `pkg:generic/node@${version}`,
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    hashes: [{ alg: "SHA-256", content: sha256 }],
    licenses: [{ license: { id: "MIT" } }],
  };
}

function debianComponent({ name, version }: DebianPackage, { architecture, debian }: Contents): Component {
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-${debian.release}`;
  return { "bom-ref": purl, type: "library", name, version, purl };
}

function requireAll(bundled: ReadonlySet<string>, components: readonly Component[]): void {
  const known = new Set(components.map((one) => one["bom-ref"]));
  const missing = [...bundled].filter((ref) => !known.has(ref));
  if (missing.length > 0)
    throw new Error(
      `\`npm sbom\` does not know ${missing.join(", ")}: node_modules is not of this package-lock.json, run \`npm ci\``,
    );
}

/** npm lists a version for each folder that it lies in. */
function uniqueByRef(components: readonly Component[], kept: ReadonlySet<string>): readonly Component[] {
  const byRef = new Map(components.map((one) => [one["bom-ref"], one]));
  return [...byRef].filter(([ref]) => kept.has(ref)).map(([, one]) => one);
}

function uniqueDependencies(dependencies: readonly Dependency[], kept: ReadonlySet<string>): readonly Dependency[] {
  const byRef = new Map<string, Set<string>>();
  for (const { ref, dependsOn } of dependencies) {
    if (!kept.has(ref)) continue;
    const all = byRef.get(ref) ?? new Set();
    for (const one of dependsOn) if (kept.has(one)) all.add(one);
    byRef.set(ref, all);
  }
  return [...byRef].map(([ref, all]) => ({ ref, dependsOn: [...all] }));
}

function parseNpm(value: unknown): { components: readonly Component[]; dependencies: readonly Dependency[] } {
  if (isObject(value)) {
    const { components, dependencies } = value;
    if (Array.isArray(components) && Array.isArray(dependencies))
      return { components: components.filter(isComponent), dependencies: dependencies.filter(isDependency) };
  }
  throw new Error("`npm sbom` wrote no CycloneDX document with components and dependencies");
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null;
}

function isComponent(value: unknown): value is Component {
  return isObject(value) && typeof value["bom-ref"] === "string";
}

function isDependency(value: unknown): value is Dependency {
  return isObject(value) && typeof value["ref"] === "string" && Array.isArray(value["dependsOn"]);
}
