import { connectMarket } from "./market/connect.ts";
import type { NetworkFactory } from "./network.ts";

/** How to connect to each kind of network, by a ComputeNetwork's `spec.driver`. */
export const drivers: Readonly<Record<"Market", NetworkFactory>> = { Market: connectMarket };
