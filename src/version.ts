import packageJson from "../package.json" with { type: "json" };

/** Set by the bundler (`tools/image/bundle.ts`); a process that runs from its sources has none. */
declare const BERTHAGE_COMMIT: string | undefined;

/** Semantic version of this program, the same from sources and from the image. */
export const version: string = packageJson.version;

/** The commit that an image was built of; empty when the program runs from its sources. */
export const commit: string = typeof BERTHAGE_COMMIT === "string" ? BERTHAGE_COMMIT : "";
