import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bundle } from "./bundle.ts";
import { layerNames } from "./config.ts";
import type { Debian } from "./debian.ts";
import { type BundledPackage, licensesText, readPackages } from "./licenses.ts";
import { inImage, pinnedNode, repository, userId } from "./places.ts";
import type { Platform } from "./platform.ts";
import type { Source } from "./source.ts";

/** Node's own needs (`readelf -d`), and the name services that glibc loads late. */
const libraries = [
  "libc.so.6",
  "libdl.so.2",
  "libgcc_s.so.1",
  "libm.so.6",
  "libpthread.so.0",
  "libresolv.so.2",
  "libstdc++.so.6",
] as const;

export interface Trees {
  /** A folder for each layer, lowest first: what changes least lies lowest, so that an upgrade pulls the app only. */
  readonly folders: readonly string[];
  /** The npm packages in the app. */
  readonly packages: readonly BundledPackage[];
}

/** Lays the image's files in a folder for each layer below `into`. The pinned Node must be installed (`npm ci`). */
export async function layTrees(into: string, source: Source, debian: Debian, platform: Platform): Promise<Trees> {
  const [system, node, app] = layerNames.map((name) => join(into, name));
  if (system === undefined || node === undefined || app === undefined) throw new Error("a layer has no name");
  const [, , packages] = await Promise.all([
    laySystem(system, debian, platform),
    copy(pinnedNode, join(node, inImage.node)),
    layApp(app, source),
  ]);
  return { folders: [system, node, app], packages };
}

async function laySystem(folder: string, { root, packages }: Debian, { triplet, loader }: Platform): Promise<void> {
  for (const library of libraries)
    await copy(await findLibrary(root, triplet, library), join(folder, "lib", triplet, library));
  await copy(await findLibrary(root, triplet, loader.slice(loader.lastIndexOf("/") + 1)), join(folder, loader));
  for (const { name } of packages)
    await copy(join(root, "usr/share/doc", name, "copyright"), join(folder, "usr/share/doc", name, "copyright"));
  await copy(join(root, "usr/lib/os-release"), join(folder, "etc/os-release"));
  await write(
    join(folder, "etc/passwd"),
    `root:x:0:0:root:/:/nologin\nnonroot:x:${userId}:${userId}:nonroot:/:/nologin\n`,
  );
  await write(join(folder, "etc/group"), `root:x:0:\nnonroot:x:${userId}:\n`);
  await write(join(folder, "etc/nsswitch.conf"), "hosts: files dns\n");
  await write(join(folder, inImage.certificates), await certificates(root));
}

/** Libraries lie in `/lib` or `/usr/lib`, depending on the package. */
async function findLibrary(root: string, triplet: string, library: string): Promise<string> {
  for (const folder of ["lib", "usr/lib"]) {
    const names = await readdir(join(root, folder, triplet)).catch((): string[] => []);
    if (names.includes(library)) return join(root, folder, triplet, library);
  }
  throw new Error(`no Debian package in ${root} has ${triplet}/${library}`);
}

/** All authorities in one file, as Debian's update-ca-certificates would write it. */
async function certificates(root: string): Promise<string> {
  const folder = join(root, "usr/share/ca-certificates/mozilla");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".crt")).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.map((text) => `${text.trim()}\n`).join("");
}

async function layApp(folder: string, source: Source): Promise<readonly BundledPackage[]> {
  const bundled = await bundle(source.commit);
  const packages = await readPackages(bundled.packages);
  for (const { path, contents } of bundled.files) await write(join(folder, "app", path), contents);
  // Tells Node that these are ES modules without a look at them.
  await write(join(folder, "app/package.json"), `${JSON.stringify({ name: "berthage", type: "module" })}\n`);
  await copy(join(repository, "LICENSE"), join(folder, "app/LICENSE"));
  await write(join(folder, "app/THIRD-PARTY-LICENSES"), licensesText(packages));
  return packages;
}

/** Follows links, so that what is copied is a file. */
async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}

async function write(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
