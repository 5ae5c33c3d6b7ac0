import { afterAll, beforeAll, expect, it } from "vitest";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { eventually } from "../../harness/wait.ts";
import { render } from "./chart.ts";

let cluster: Cluster;

const verbs = ["get", "list", "watch", "create", "update", "patch", "delete"];

/** Which of the verbs a user may use on a kind, in the API server's judgement. */
async function allowed(user: string, resource: string): Promise<readonly string[]> {
  const items = verbs.map((verb) => ({
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: { user, resourceAttributes: { group: "berthage.dev", resource, verb } },
  }));
  const list = { apiVersion: "v1", kind: "List", items };
  const args = ["create", '-o=jsonpath={.status.allowed}{"\\n"}', "-f", "-"];
  const answers = (await cluster.kubectl(args, JSON.stringify(list))).trim().split("\n");
  expect(answers).toHaveLength(verbs.length);
  return verbs.filter((_, index) => answers[index] === "true");
}

beforeAll(async () => {
  cluster = await startCluster({ controllers: true });
  const roles = (await render({})).filter(
    ({ metadata }) => metadata.labels?.["rbac.authorization.k8s.io/aggregate-to-edit"] === "true",
  );
  await cluster.kubectl(["apply", "-f", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items: roles }));
  for (const role of ["view", "edit"]) {
    await cluster.kubectl([
      "create",
      "clusterrolebinding",
      role,
      `--clusterrole=${role}`,
      `--user=${role === "view" ? "viewer" : "editor"}`,
    ]);
  }
  // The controller manager adds them to the cluster's own roles when it sees them.
  await eventually("the roles are aggregated", async () => {
    const counts = await Promise.all(["viewer", "editor"].map((user) => allowed(user, "computeoffers")));
    return counts.every(({ length }) => length >= 3) ? true : undefined;
  });
});

afterAll(() => cluster.stop());

const viewing = ["get", "list", "watch"];

it.each<[kind: string, viewer: readonly string[], editor: readonly string[]]>([
  ["computenetworks", viewing, verbs],
  ["computeoffers", viewing, verbs],
  // The operator writes leases; people annotate them.
  ["computeleases", viewing, [...viewing, "update", "patch"]],
])("whoever may view or edit in the cluster may do so with %s", async (kind, viewer, editor) => {
  expect(await allowed("viewer", kind)).toEqual(viewer);
  expect(await allowed("editor", kind)).toEqual(editor);
});
