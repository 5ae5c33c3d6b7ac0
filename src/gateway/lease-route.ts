import type { RequestHandler } from "express";
import { isLeaseId } from "../api/names.ts";
import type { GatewayBackend } from "./backend.ts";
import { leaseView } from "./lease-view.ts";
import { refuse } from "./refusal.ts";
import { parameter, type RequestContext } from "./request-context.ts";

/** `GET /v1/networks/{network}/leases/{id}`: one lease, for its tenant. */
export function leaseRoute(context: RequestContext, backend: GatewayBackend): RequestHandler {
  return async (request, response) => {
    const network = context.network(request, response);
    const id = parameter(request, "id");
    if (!isLeaseId(id))
      refuse(400, "BadLeaseId", "the lease id is not a decimal number", "Use the id of the lease.", "id");
    const session = await context.session(request, response, network, "status");
    if (session.leaseId !== undefined && session.leaseId !== id)
      refuse(403, "OtherLease", `the grant is for lease ${session.leaseId} only`, "Sign a grant for this lease.");
    const lease = backend.lease(network.name, id);
    if (lease === undefined) {
      const hint = "A lease shows a few blocks after it was opened, with the provider of its offer.";
      return refuse(404, "NoSuchLease", `lease ${id} is not known here`, hint);
    }
    if (lease.spec.tenant.toLowerCase() !== session.tenant)
      refuse(403, "NotYourLease", `lease ${id} is another tenant's`, "Sign the grant with the wallet that opened it.");
    response.json(leaseView(lease));
  };
}
