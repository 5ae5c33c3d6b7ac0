import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { version } from "../../src/version.ts";
import { buildImage } from "./image.ts";
import { repository } from "./places.ts";
import { readSource } from "./source.ts";

// `npm run image -- [--output FOLDER] [--version VERSION]`: builds the image and its bill of materials.

const { values } = parseArgs({ options: { output: { type: "string" }, version: { type: "string" } } });
const folder = values.output ?? join(repository, ".berthage/image");
const source = await readSource(values.version ?? version, process.env);
const image = await buildImage(folder, source);
const megabytes = (await stat(image.archive)).size / 1_000_000;
console.log(`${image.reference} ${image.digest}`);
console.log(`  image  ${relative(process.cwd(), image.archive)} (${megabytes.toFixed(1)} MB packed)`);
console.log(`  SBOM   ${relative(process.cwd(), image.sbom)}`);
