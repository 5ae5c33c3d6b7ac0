import { setTimeout as delay } from "node:timers/promises";
import { ZeroHash } from "ethers";
import { leaseNamespace, leaseObjectName } from "../../src/api/names.ts";
import { deployments, networkPolicies } from "../../src/kube/core.ts";
import { Random } from "../faults/random.ts";
import { reorganise, sendAgain } from "../faults/reorganisation.ts";
import { storm } from "../faults/storm.ts";
import { programOf } from "../harness/operator.ts";
import type { Tenant } from "../harness/tenant.ts";
import { foreignPod, UNIT_SECOND } from "../harness/world-objects.ts";
import { web } from "../scenario/manifests.ts";
import { type Action, type ManifestKind, type OfferName, roughNodes } from "./action.ts";
import { gpusOf, type Opened, priceOf, roughNode, type Stage } from "./stage.ts";

const network = "market";
const pausedAnnotation = "berthage.dev/paused";

/** Does one thing, as whoever does it would. It throws when that is refused, which is no fault: others act at the same time. */
export async function perform(stage: Stage, action: Action): Promise<void> {
  const { world } = stage;
  switch (action.do) {
    case "rent": {
      const tenant = at(stage.tenants, action.tenant);
      const { name, offerId } = await lookAround(stage, action.offer, action.units);
      const deposit = BigInt(action.seconds * action.units * gpusOf[name]) * UNIT_SECOND;
      const { units, manifest } = action;
      const open = async (manifestHash: string): Promise<void> => {
        const id = await world.market.open(tenant.account, { offerId, units, deposit, manifestHash });
        stage.opened.push({ id, tenant, manifestHash, isPlain: manifest === "web", story: [told(action)] });
      };
      return manifest === "none" ? open(ZeroHash) : withUpload(stage, tenant, manifest, open);
    }
    case "topUp":
      return onLease(stage, action, ({ id, tenant }) => tenant.topUp(id, 600n * UNIT_SECOND));
    case "close":
      return onLease(stage, action, async ({ id, tenant }) => void (await tenant.close(id)));
    case "sendManifest":
      return onLease(stage, action, (lease) => {
        lease.isPlain = false;
        return withUpload(stage, lease.tenant, action.manifest, async (hash) => {
          await world.market.send(world.market.calls.setManifest(lease.id, hash), lease.tenant.account);
        });
      });
    case "endLease":
      return onLease(stage, action, ({ id }) => world.delete("clease", leaseObjectName(network, id)));
    case "pauseLease":
    case "resumeLease": {
      const annotations = { [pausedAnnotation]: action.do === "pauseLease" ? "true" : null };
      return onLease(stage, action, ({ id }) =>
        world.patch("clease", leaseObjectName(network, id), { metadata: { annotations } }),
      );
    }
    case "damage":
      return onLease(stage, action, ({ id }) => damage(stage, id, action.what));
    case "pauseOffer":
    case "resumeOffer":
      return world.patch("coffer", action.offer, { spec: { paused: action.do === "pauseOffer" } });
    case "price": {
      const perUnitHour = String((priceOf(action.offer) * BigInt(action.percent)) / 100n);
      return world.patch("coffer", action.offer, { spec: { price: { perUnitHour } } });
    }
    case "cap":
      return world.patch("coffer", action.offer, { spec: { capacity: { maxUnits: action.units } } });
    case "cordon":
    case "uncordon":
      return world.patch("node", at(roughNodes, action.node), { spec: { unschedulable: action.do === "cordon" } });
    case "loseNode": {
      const name = at(roughNodes, action.node);
      await world.delete("node", name);
      await world.cluster.kubectl([
        "delete",
        "pod",
        "-A",
        "--force",
        "--wait=false",
        "--field-selector",
        `spec.nodeName=${name}`,
      ]);
      return;
    }
    case "returnNode":
      return world.apply(roughNode(at(roughNodes, action.node)));
    case "sicken": {
      const allocatable = { "nvidia.com/gpu": String(action.healthy) };
      return world.patch("node", at(roughNodes, action.node), { status: { allocatable } }, "--subresource=status");
    }
    case "foreignPod": {
      const node = at(roughNodes, action.node);
      return world.apply(foreignPod(`foreign-${node}`, node, action.gpus));
    }
    case "reorganise":
      return replaceBlocks(stage, action.depth, action.isSentAgain);
    case "mine":
      await world.chain.rpc("anvil_mine", [`0x${action.blocks.toString(16)}`, "0x1"]);
      return;
    case "dearGas":
      await world.chain.rpc("anvil_setNextBlockBaseFeePerGas", [`0x${(action.gwei * 1e9).toString(16)}`]);
      return;
    case "storm":
      storm(world.faults, new Random(action.seed));
      await delay(action.seconds * 1000);
      return world.faults.clear();
    case "silenceChain":
      for (const proxy of world.faults.chain) proxy.rule = () => ({ kind: "Hang" });
      await delay(action.seconds * 1000);
      return world.faults.clear();
    case "isolateApi":
      world.faults.api.isolate();
      return blindly(stage, action.seconds, () => world.faults.api.restore());
    case "sleep": {
      const pid = await programOf(world.operator);
      process.kill(pid, "SIGSTOP");
      return blindly(stage, action.seconds, () => process.kill(pid, "SIGCONT"));
    }
    case "kill":
      world.faults.clear(); // to be ready in the time that a start may take
      stage.isBlind = true;
      stage.isDown = true;
      await world.restartOperator();
      stage.isBlind = false;
      stage.isDown = false;
      return;
  }
}

function at<T>(choices: readonly [T, ...T[]] | readonly T[], number: number): T {
  const choice = choices[number % choices.length];
  if (choice === undefined) throw new Error("there is none");
  return choice;
}

async function onLease(
  stage: Stage,
  action: Extract<Action, { lease: number }>,
  act: (lease: Opened) => Promise<void>,
): Promise<void> {
  if (stage.opened.length === 0) return;
  const lease = at(recent(stage), action.lease);
  lease.story.push(told(action));
  await act(lease);
}

/** A listing of the offer with so much to rent, or of another; when none has it, a tenant who tries all the same. */
async function lookAround(
  { world, offerOf }: Stage,
  wanted: OfferName,
  units: number,
): Promise<{ name: OfferName; offerId: string }> {
  const open = (await world.market.offers()).filter(({ isOpen }) => isOpen);
  const named = open.map((listing) => ({ ...listing, name: offerOf(listing) }));
  named.sort((a, b) => Number(b.name === wanted) - Number(a.name === wanted));
  const found = named.find(({ capacityUnits, leasedUnits }) => capacityUnits - leasedUnits >= units) ?? named[0];
  if (found === undefined) throw new Error("nothing is for sale");
  return { name: found.name, offerId: found.id };
}

/** Uploads a manifest for `use`, or takes what an earlier use that was refused has left: a tenant may have only a few unused. */
async function withUpload<T>(
  { unused }: Stage,
  tenant: Tenant,
  kind: Exclude<ManifestKind, "none">,
  use: (hash: string) => Promise<T>,
): Promise<T> {
  const key = `${tenant.account.address} ${kind}`;
  const left = unused.get(key) ?? [];
  unused.set(key, left);
  const hash = left.pop() ?? (await tenant.upload(text(kind)));
  try {
    return await use(hash);
  } catch (error) {
    left.push(hash);
    throw error;
  }
}

function told(action: Action): string {
  return `${new Date().toISOString().slice(11, 19)} ${JSON.stringify(action)}`;
}

/** Those of late: older ones have most likely ended. */
function recent({ opened }: Stage): readonly Opened[] {
  return opened.slice(-48);
}

function text(kind: Exclude<ManifestKind, "none">): string {
  if (kind === "broken") return "version: 1\nservices: [{ name: web, image: app, privileged: true }]\n";
  return web(kind === "web" ? "registry.example/app:1" : "registry.example/app:2");
}

/** For so long the operator sees nothing of the cluster. */
async function blindly(stage: Stage, seconds: number, end: () => void): Promise<void> {
  stage.isBlind = true;
  await delay(seconds * 1000);
  end();
  stage.isBlind = false;
}

async function damage(stage: Stage, id: string, what: Extract<Action, { do: "damage" }>["what"]): Promise<void> {
  const { world, scaled } = stage;
  const { kube } = world;
  const namespace = leaseNamespace(network, id);
  if (what === "scale") scaled.add(id);
  if (what === "namespace") return world.delete("namespace", namespace);
  if (what === "scale") return world.patch("deployment", "web", { spec: { replicas: 3 } }, "-n", namespace);
  if (what === "pods") {
    await world.cluster.kubectl(["delete", "pod", "-n", namespace, "--all", "--force", "--wait=false"]);
    return;
  }
  const kind = what === "policy" ? networkPolicies : deployments;
  const { items } = await kube.list<{ metadata?: { name?: string } }>(kind, { namespace });
  for (const { metadata } of items) await kube.delete(kind, { namespace, name: metadata?.name ?? "" });
}

async function replaceBlocks({ world, epochStart }: Stage, depth: number, isSentAgain: boolean): Promise<void> {
  const head = BigInt(await world.chain.rpc<string>("eth_blockNumber"));
  const deepest = Number(head - epochStart) - 2;
  if (deepest < 1) return;
  const sent = await reorganise(world.chain, Math.min(depth, deepest));
  if (isSentAgain) await sendAgain(world.chain, sent);
}
