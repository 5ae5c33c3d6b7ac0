import { rm } from "node:fs/promises";
import { join } from "node:path";
import { stopRecorded } from "../../test/harness/recorded.ts";
import { root } from "./stage.ts";

const stopped = await stopRecorded(join(root, ".berthage/dev.json"));
await rm(join(root, ".berthage/dev"), { recursive: true, force: true });
console.log(stopped.length === 0 ? "Nothing was running." : `Stopped ${stopped.join(", ")}.`);
