/** What differs between the machines that an image can be built on and for. */
export interface Platform {
  /** As OCI and Debian name it. */
  readonly architecture: string;
  /** Debian's folder of shared libraries. */
  readonly triplet: string;
  /** The dynamic loader by the path that is written into Node's binary. */
  readonly loader: string;
}

const platforms: ReadonlyMap<string, Platform> = new Map([
  ["x64", { architecture: "amd64", triplet: "x86_64-linux-gnu", loader: "/lib64/ld-linux-x86-64.so.2" }],
  ["arm64", { architecture: "arm64", triplet: "aarch64-linux-gnu", loader: "/lib/ld-linux-aarch64.so.1" }],
]);

/** The platform of this machine, which is the image's: nothing is compiled across. Throws on a machine that has no image. */
export function platformOf(os: string, arch: string): Platform {
  const platform = os === "linux" ? platforms.get(arch) : undefined;
  if (platform === undefined)
    throw new Error(
      `no image can be built on ${os}/${arch}: build it on Linux on ${[...platforms.keys()].join(" or ")}`,
    );
  return platform;
}
