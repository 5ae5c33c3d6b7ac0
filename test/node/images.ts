import { join } from "node:path";
import { version } from "../../src/version.ts";
import { root } from "../../tools/demo/stage.ts";
import { buildImage } from "../../tools/image/image.ts";
import { readSource } from "../../tools/image/source.ts";
import { buildTestImages } from "../harness/node/images.ts";

/** Another version of the operator, to upgrade to. */
export const nextVersion = `${version}-next`;

const folder = join(root, ".berthage/node");
/** Of the operator, one a version. */
export const operatorArchives = [version, nextVersion].map((name) => join(folder, name, "berthage.tar"));
/** Of the tests' own programs. */
export const testArchives = ["pause.tar", "tenant.tar"].map((name) => join(folder, name));

/** Builds every image that the node gets: nothing is pulled there. */
export async function buildImages(): Promise<void> {
  await buildTestImages(folder);
  for (const name of [version, nextVersion]) await buildImage(join(folder, name), await readSource(name, process.env));
}
