import { parseAllDocuments } from "yaml";
import { chartFolder } from "../../../tools/chart/chart.ts";
import { findHelm } from "../../../tools/helm/helm.ts";
import { run } from "../../harness/run.ts";

/** Values as a person writes them into a file. */
export type Values = { readonly [name: string]: unknown };

/** An object of the chart, as far as these tests look into every kind. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
}

export const release = "berthage";
export const namespace = "berthage-system";

/** The text that `helm template` makes of the values. Throws with helm's words where it refuses. */
export async function renderText(values: Values): Promise<string> {
  const args = ["template", release, chartFolder, `--namespace=${namespace}`, "--values=-"];
  return run(await findHelm(), args, JSON.stringify(values));
}

/** The objects of the release. Hooks are among them. */
export async function render(values: Values): Promise<readonly Rendered[]> {
  return parseObjects(await renderText(values));
}

/** Objects of a stream of YAML documents; empty documents count for nothing. */
export function parseObjects(text: string): readonly Rendered[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const object: Rendered | null = document.toJS();
    return object === null ? [] : [object];
  });
}

/** The one object of a kind, by name where there are several. Throws when there is none. */
export function objectOf(objects: readonly Rendered[], kind: string, name?: string): Rendered {
  const found = objects.find((one) => one.kind === kind && (name === undefined || one.metadata.name === name));
  if (found === undefined) throw new Error(`the chart rendered no ${kind} ${name ?? ""}`);
  return found;
}
