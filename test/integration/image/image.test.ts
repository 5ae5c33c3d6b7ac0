import { createHash, X509Certificate } from "node:crypto";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { version } from "../../../src/version.ts";
import { unpack } from "../../../tools/image/archive.ts";
import { type ImageConfig, imageConfig } from "../../../tools/image/config.ts";
import { findCrane } from "../../../tools/image/crane.ts";
import { type BuiltImage, buildImage } from "../../../tools/image/image.ts";
import { inImage, pinnedNode } from "../../../tools/image/places.ts";
import { platformOf } from "../../../tools/image/platform.ts";
import { pushImage } from "../../../tools/image/push.ts";
import { freePorts } from "../../harness/ports.ts";
import { launch, type Running } from "../../harness/processes.ts";
import { run } from "../../harness/run.ts";
import { eventually } from "../../harness/wait.ts";
import { exportFiles, readConfig } from "./archive.ts";
import { type Call, canEnter, contained } from "./container.ts";
import { type Place, startPlace } from "./place.ts";

const MEGABYTE = 1_000_000;
const source = { version, commit: "c0ffee", createdSeconds: 1_700_000_000 };

let dir: string;
let image: BuiltImage;
let again: BuiltImage;
/** The archive as an OCI layout. */
let layout: string;
/** The image's files. */
let root: string;
let config: ImageConfig;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "berthage-image-"));
  [image, again] = await Promise.all([buildImage(join(dir, "one"), source), buildImage(join(dir, "two"), source)]);
  root = await exportFiles(image.archive);
  layout = join(dir, "layout");
  await mkdir(layout);
  await unpack(image.archive, layout);
  config = await readConfig(layout, image.digest);
}, 10 * 60_000); // the first build compiles crane
afterAll(async () => {
  await Promise.all([dir, root].map((folder) => rm(folder, { recursive: true, force: true })));
});

const hash = async (file: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");

describe("two builds", () => {
  it("give one digest and the same bytes, image and bill of materials", async () => {
    expect(again.digest).toBe(image.digest);
    expect(await hash(again.archive)).toBe(await hash(image.archive));
    expect(await hash(again.sbom)).toBe(await hash(image.sbom));
    console.log(`image: ${image.reference} ${image.digest}`);
  });

  it("leave two files and nothing else", async () => {
    expect((await readdir(join(dir, "one"))).toSorted()).toEqual(["berthage.cdx.json", "berthage.tar"]);
  });
});

describe("the image's files", () => {
  it("take at most 180 MB", async () => {
    const sizes = (await filesOf(root)).map(({ size }) => size);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const packed = (await stat(image.archive)).size;
    console.log(`image: ${(total / MEGABYTE).toFixed(1)} MB unpacked, ${(packed / MEGABYTE).toFixed(1)} MB packed`);
    expect(total).toBeLessThanOrEqual(180 * MEGABYTE);
  });

  it("hold one program, which is the pinned Node, and no shell", async () => {
    const programs = (await filesOf(root)).filter(
      ({ path, mode }) => (mode & 0o111) !== 0 && !/\.so(\.\d+)*$/.test(path),
    );
    expect(programs.map(({ path }) => path)).toEqual(["usr/bin/node"]);
    expect(await hash(join(root, "usr/bin/node"))).toBe(await hash(pinnedNode));
  });

  it("can be changed by nobody but root, and lend no rights", async () => {
    for (const { path, mode } of await filesOf(root)) expect([path, mode & 0o7022]).toEqual([path, 0]);
  });

  it("hold the authorities that Debian trusts, and the licences of what is in the image", async () => {
    const pem = await readFile(join(root, inImage.certificates), "utf8");
    const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    expect(certificates.length).toBeGreaterThan(100);
    for (const certificate of certificates) expect(new X509Certificate(certificate).ca).toBe(true);
    for (const file of ["app/LICENSE", "app/THIRD-PARTY-LICENSES", "usr/share/doc/libc6/copyright"])
      expect((await stat(join(root, file))).size).toBeGreaterThan(1000);
  });
});

describe("the image's configuration", () => {
  it("is as it was meant, and made of whole layers", async () => {
    const meant = imageConfig(source, platformOf(process.platform, process.arch));
    expect(config).toMatchObject({ ...meant });
    expect(await run(await findCrane(), ["validate", "--tarball", image.archive])).toContain("PASS");
  });

  it("is found by containerd, skopeo and docker alike", async () => {
    const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(layout, file), "utf8"));
    const name = `docker.io/library/berthage:${version}`;
    expect(await read("index.json")).toMatchObject({
      manifests: [
        {
          digest: image.digest,
          annotations: { "io.containerd.image.name": name, "org.opencontainers.image.ref.name": version },
        },
      ],
    });
    expect(await read("manifest.json")).toMatchObject([{ RepoTags: [image.reference] }]);
  });
});

describe("a registry", () => {
  let registry: Running;
  let host: string;
  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    host = `127.0.0.1:${port}`;
    const args = ["registry", "serve", `--address=${host}`];
    const scratch = join(dir, "registry");
    await mkdir(scratch);
    registry = launch({ name: "registry", command: await findCrane(), args, dir: scratch });
    await eventually("the registry serves", async () => (await fetch(`http://${host}/v2/`)).ok || undefined);
  });
  afterAll(() => registry.kill());

  it("is given the image with the digest that it has here", async () => {
    const target = `${host}/sellers/berthage`;
    expect(await pushImage(image.archive, `${target}:${version}`)).toBe(`${target}@${image.digest}`);
    expect((await run(await findCrane(), ["digest", `${target}:${version}`])).trim()).toBe(image.digest);
  });

  it("that cannot be reached is named", async () => {
    const failure = pushImage(image.archive, "127.0.0.1:1/berthage:1");
    await expect(failure).rejects.toThrow(/pushing .*berthage\.tar to 127\.0\.0\.1:1\/berthage:1 failed: /);
  });
});

describe("the bill of materials", () => {
  it("lists every package of the program, Node and the libraries, and depends on nothing else", async () => {
    const bill: {
      components: { name: string; version: string; "bom-ref": string }[];
      dependencies: { dependsOn: string[] }[];
    } = JSON.parse(await readFile(image.sbom, "utf8"));
    const names = bill.components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["berthage", "ethers", "undici", "node", "libc6", "ca-certificates"]));
    for (const { name, version: one } of bill.components)
      expect([name, one]).toEqual([name, expect.stringMatching(/^\d/)]);
    const listed = bill.components.map((one) => one["bom-ref"]);
    expect(listed).toEqual(expect.arrayContaining(bill.dependencies.flatMap(({ dependsOn }) => dependsOn)));
  });
});

describe("a container of the image", () => {
  let place: Place;
  beforeAll(async () => {
    place = await startPlace();
  });
  afterAll(() => place.stop());

  /** Runs code as the image's Node would run the operator. */
  async function evaluate(code: string, call: Omit<Call, "command"> = {}): Promise<string> {
    const node = config.config.Entrypoint.slice(0, -1);
    const { command, args } = await contained(root, config.config, { ...call, command: [...node, "--eval", code] });
    return (await run(command, args)).trim();
  }

  it("runs as the user that it names, and can change no file", async () => {
    const code = `let refusal; try { fs.writeFileSync("/app/operator.js", ""); } catch (error) { refusal = error.code; }
      console.log(process.getuid(), process.getgid(), process.getgroups().length, refusal);`;
    if (canEnter) expect(await evaluate(code)).toBe("65532 65532 1 EROFS");
    else expect(await evaluate(code)).toMatch(new RegExp(`^${process.getuid?.()} .* EACCES$`));
  });

  it("trusts the authorities in its file, which a mount replaces", async () => {
    const code = `fetch("${place.cluster.url}/version").then((answer) => console.log(answer.status), (error) => console.log(error.cause.code));`;
    const { caFile } = place.cluster;
    expect(await evaluate(code)).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/);
    const own = canEnter ? { mounts: { [inImage.certificates]: caFile } } : { env: { SSL_CERT_FILE: caFile } };
    expect(await evaluate(code, own)).toMatch(/^(200|401|403)$/);
  });

  it("has the CLI, which works on a cluster by a kubeconfig", async () => {
    const cli = async (...words: readonly string[]): Promise<string> => {
      const file = canEnter ? "/tmp/kubeconfig" : place.kubeconfigFile;
      const program = [inImage.node, inImage.cli, ...words];
      const call = { command: program, env: { KUBECONFIG: file }, mounts: { "/tmp/kubeconfig": place.kubeconfigFile } };
      const { command, args } = await contained(root, config.config, call);
      return await run(command, args);
    };
    expect(await cli("--version")).toBe(`${version}\n`);
    expect(await cli("provider", "status")).toMatch(/^NETWORK +CHAIN .*\nmarket /);
  });

  it("runs the operator, which is alive soon, reads cluster and chain, and ends when asked to", async () => {
    const [port = 0, gateway = 0] = await freePorts(2);
    const flags = [`--operations-listen=127.0.0.1:${port}`, `--gateway-listen=127.0.0.1:${gateway}`];
    const call = { ...place.asPod, command: [...config.config.Entrypoint, ...flags] };
    const program = { name: "operator", ...(await contained(root, config.config, call)) };
    const started = performance.now();
    const operator = launch({ ...program, dir: place.cluster.dir });
    const answers = async (path: string): Promise<string | undefined> => {
      if (operator.hasExited()) throw new Error(await operator.logTail());
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      return answer.ok ? await answer.text() : undefined;
    };
    await eventually("the operator is alive", () => answers("/healthz"), { intervalMilliseconds: 5 });
    const [milliseconds, load] = [performance.now() - started, loadavg()[0] ?? 0];
    console.log(
      `image: /healthz answered ${Math.round(milliseconds)} ms after the start (budget 1500 ms; load ${load.toFixed(1)})`,
    );
    await eventually("the operator is ready", () => answers("/readyz"));
    await place.cluster.kubectl(["wait", "computenetwork/market", "--for=condition=Ready", "--timeout=60s"]);
    expect(await answers("/metrics")).toContain(`berthage_build_info{version="${version}",commit="c0ffee"`);
    await operator.stop(20);
    expect(await operator.exited).toBe("exit code 0");
  });
});

interface File {
  /** Relative to the root. */
  readonly path: string;
  readonly size: number;
  readonly mode: number;
}

async function filesOf(folder: string): Promise<readonly File[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  return await Promise.all(
    files.map(async (file) => {
      const { size, mode } = await lstat(file);
      return { path: relative(folder, file), size, mode };
    }),
  );
}
