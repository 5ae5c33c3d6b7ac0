import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { version } from "../../src/version.ts";
import { buildImage } from "./image.ts";
import { repository } from "./places.ts";
import { pushImage } from "./push.ts";
import { readSource } from "./source.ts";

// `npm run image -- [--output FOLDER] [--version VERSION] [--push REGISTRY/NAME]`: builds the image and its bill of materials.

const { values } = parseArgs({
  options: { output: { type: "string" }, version: { type: "string" }, push: { type: "string" } },
});
const source = await readSource(values.version ?? version, process.env);
const image = await buildImage(values.output ?? join(repository, ".berthage/image"), source);
const megabytes = (await stat(image.archive)).size / 1_000_000;
console.log(`${image.reference} ${image.digest}`);
console.log(`  image  ${relative(process.cwd(), image.archive)} (${megabytes.toFixed(1)} MB)`);
console.log(`  SBOM   ${relative(process.cwd(), image.sbom)}`);
if (values.push !== undefined)
  console.log(`  pushed ${await pushImage(image.archive, `${values.push}:${source.version}`)}`);
