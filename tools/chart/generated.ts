import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { crdFolder, readDefinitions } from "../crds/schema.ts";
import { chartFolder } from "./chart.ts";
import { withValues } from "./readme.ts";
import { completeSchema, type JsonSchema } from "./schema.ts";
import { readValues } from "./values.ts";

/** What of the chart is generated: text by path below the chart. README and schema keep what is hand-written in them. */
export async function generateChart(): Promise<ReadonlyMap<string, string>> {
  const values = readValues(await readFile(join(chartFolder, "values.yaml"), "utf8"));
  const readme = await readFile(join(chartFolder, "README.md"), "utf8");
  const schema: JsonSchema = JSON.parse(await readFile(join(chartFolder, "values.schema.json"), "utf8"));
  const completed = completeSchema(schema, readDefinitions(), values);
  return new Map([
    ["README.md", withValues(readme, values)],
    ["values.schema.json", `${JSON.stringify(completed, null, 2)}\n`],
    ...(await definitions()),
  ]);
}

/** Copies of `crds/`, because a chart holds all its files. */
async function definitions(): Promise<[path: string, text: string][]> {
  const names = (await readdir(crdFolder)).filter((name) => name.endsWith(".yaml")).sort();
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => {
      return [`files/crds/${name}`, await readFile(join(crdFolder, name), "utf8")];
    }),
  );
}
