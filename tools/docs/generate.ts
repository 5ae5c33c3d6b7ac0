import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { conditions } from "../../src/api/conditions.ts";
import { withReasons } from "./troubleshooting.ts";

// Writes what src/api says of every reason into docs/troubleshooting.md: `npm run generate`.
const file = fileURLToPath(new URL("../../docs/troubleshooting.md", import.meta.url));
await writeFile(file, withReasons(await readFile(file, "utf8"), conditions));
