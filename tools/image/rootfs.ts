import { cp, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { version } from "../../src/version.ts";
import { readDebian } from "./debian.ts";
import { platformOf } from "./platform.ts";
import { layTrees } from "./trees.ts";

// `tsx tools/image/rootfs.ts FOLDER [COMMIT]`: lays the image's files into an existing folder, for the Dockerfile.

const [folder, commit = ""] = process.argv.slice(2);
if (folder === undefined) throw new Error("name the folder to lay the image's files in");
const work = await mkdtemp(join(folder, ".trees-"));
const source = { version, commit, createdSeconds: 0 };
const debian = await readDebian(process.env);
const { folders } = await layTrees(work, source, debian, platformOf(process.platform, process.arch));
for (const tree of folders) await cp(tree, folder, { recursive: true });
await rm(work, { recursive: true });
