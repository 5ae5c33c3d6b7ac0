import type { World } from "./world.ts";
import { operatorNamespace } from "./world-objects.ts";

/** Whether the lane's journal awaits a transaction. */
export async function isInFlight(world: World): Promise<boolean> {
  const journal = await world.get("configmap", "lane-market", operatorNamespace);
  const record: unknown = JSON.parse(journal?.data?.["record"] ?? "{}");
  return typeof record === "object" && record !== null && "transaction" in record;
}
