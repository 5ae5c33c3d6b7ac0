import { rm } from "node:fs/promises";
import { stopRecorded } from "../../test/harness/recorded.ts";
import { devPlace } from "./dev-place.ts";

const { dir, stateFile } = devPlace(process.argv.slice(2));
const stopped = await stopRecorded(stateFile);
await rm(dir, { recursive: true, force: true });
console.log(stopped.length === 0 ? "Nothing was running." : `Stopped ${stopped.join(", ")}.`);
