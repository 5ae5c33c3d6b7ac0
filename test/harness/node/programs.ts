import { readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { debianRoot } from "../../../tools/debian/root.ts";

/** What runs containers, with the libraries that a lean Debian lacks. */
const packages = [
  ...["containerd", "runc", "libseccomp2", "containernetworking-plugins"],
  ...["nftables", "libnftables1", "libnftnl11", "libmnl0", "libxtables12", "libjansson4", "libgmp10"],
  ...["libedit2", "libbsd0", "libmd0", "libtinfo6"],
];

/** Programs of a node besides Kubernetes' own, unpacked and not installed. */
export interface NodePrograms {
  readonly containerd: string;
  readonly ctr: string;
  /** Folder of the CNI plug-ins. */
  readonly networkPlugins: string;
  /** Lets these programs, and those that they start, find each other and their libraries. */
  readonly env: Readonly<Record<string, string>>;
}

/** Downloads the programs into the user's cache unless they are there. */
export async function nodePrograms(): Promise<NodePrograms> {
  const root = await debianRoot(packages);
  const folders = ["usr/bin", "usr/sbin", "bin", "sbin"].map((folder) => join(root, folder));
  const libraries = await libraryFolders(root);
  return {
    containerd: join(root, "usr/bin/containerd"),
    ctr: join(root, "usr/bin/ctr"),
    networkPlugins: join(root, "usr/lib/cni"),
    env: {
      PATH: [...folders, process.env["PATH"]].join(delimiter),
      LD_LIBRARY_PATH: libraries.join(delimiter),
    },
  };
}

/** Debian keeps libraries in a folder that bears the machine's architecture. */
async function libraryFolders(root: string): Promise<readonly string[]> {
  const parents = [join(root, "usr/lib"), join(root, "lib")];
  const found = await Promise.all(
    parents.map(async (parent) =>
      (await readdir(parent).catch(() => []))
        .filter((name) => name.endsWith("-linux-gnu"))
        .map((name) => join(parent, name)),
    ),
  );
  return found.flat();
}
