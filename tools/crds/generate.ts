import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readDefinitions } from "./schema.ts";
import { renderTypes } from "./types.ts";

// `npm run generate`: writes the TypeScript types of crds/ to src/api/types.gen.ts.
const target = fileURLToPath(new URL("../../src/api/types.gen.ts", import.meta.url));
writeFileSync(target, renderTypes(readDefinitions()));
process.stdout.write(`wrote ${target}\n`);
