import { fileURLToPath } from "node:url";

/** The folder of the chart, with a slash at its end. */
export const chartFolder: string = fileURLToPath(new URL("../../charts/berthage/", import.meta.url));
