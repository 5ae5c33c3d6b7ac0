import { describe, expect, test } from "vitest";
import { finalizers, labels } from "../../../src/api/names.ts";
import type { ComputeLease } from "../../../src/api/types.gen.ts";
import { LeaseIntake } from "../../../src/controllers/lease/intake.ts";
import { specHash } from "../../../src/controllers/offer/spec-hash.ts";
import { computeLeases } from "../../../src/controllers/resources.ts";
import { silentLogger } from "../../../src/kube/logger.ts";
import type { LedgerLease } from "../../../src/networks/driver.ts";
import { eventually } from "../../harness/wait.ts";
import { ledgerLease, ledgerOffer, noManifest, offerTerms, tenant } from "../../support/controllers/ledger.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { useLab } from "./lab.ts";
import type { RecordingClient } from "./recording-client.ts";

const by = { fieldManager: "test" };
const context = useLab();
const other = `0x${"cd".repeat(20)}`;
let made = 1000;

interface Case {
  readonly id: string;
  readonly name: string;
  readonly client: RecordingClient;
  readonly clock: ManualClock;
  pass(): Promise<unknown>;
  /** The ledger shows the lease so, under the offer's listing unless told. */
  show(changes?: Partial<LedgerLease>, hash?: string): void;
}

/** One lease on the ledger, and the intake of a process that starts now. */
async function taken(changes: Partial<LedgerLease> = {}): Promise<Case> {
  const { lab } = context;
  made += 1;
  const id = String(made);
  const { client } = await lab.start();
  const clock = new ManualClock();
  const intake = new LeaseIntake({
    client,
    informers: lab.informers,
    ledgers: lab.ledgers,
    clock,
    logger: silentLogger,
  });
  const offer = lab.informers.offers.store.get("h100");
  if (offer === undefined) throw new Error("the lab has no offer h100");
  let block = 1n;
  const show = (more: Partial<LedgerLease> = {}, hash: string = specHash(offer)): void => {
    block += 1n;
    const entry = ledgerLease({ id, units: 1, ...changes, ...more });
    lab.ledger.show([entry], [ledgerOffer({ terms: offerTerms({ specHash: hash }) })], block);
  };
  show();
  return {
    id,
    name: `market-${id}`,
    client,
    clock,
    show,
    async pass() {
      await lab.caughtUp();
      return intake.reconcile(`market/${id}`, new AbortController().signal);
    },
  };
}

const read = (name: string): Promise<ComputeLease> => context.lab.client.get(computeLeases, { name });

describe("intake", () => {
  test("makes what the ledger says, with the finalizer from the first write", async () => {
    const { id, name, client, pass } = await taken({ manifestHash: `0x${"5e".repeat(32)}` });
    await pass();
    expect(client.writes).toMatchObject([
      { what: `create computeleases ${name}`, body: { metadata: { finalizers: [finalizers.lease] } } },
    ]);
    const lease = await read(name);
    expect(lease.metadata.finalizers).toEqual([finalizers.lease]);
    expect(lease.metadata.labels).toMatchObject({ [labels.lease]: id, [labels.tenant]: tenant });
    expect(lease.spec).toEqual({
      networkRef: { name: "market" },
      leaseId: id,
      offerRef: { name: "h100" },
      offerId: "1",
      tenant,
      units: 1,
      price: { token: `0x${"22".repeat(20)}`, perHour: "7200" },
      manifestHash: `0x${"5e".repeat(32)}`,
    });
  });

  test("writes nothing when they agree", async () => {
    const { client, pass } = await taken();
    await pass();
    client.writes.length = 0;
    await pass();
    await pass();
    expect(client.writes).toEqual([]);
  });

  test("leaves a manifest out until there is one, and takes it in then", async () => {
    const { name, pass, show } = await taken({ manifestHash: noManifest });
    await pass();
    expect((await read(name)).spec).not.toHaveProperty("manifestHash");
    show({ manifestHash: `0x${"5e".repeat(32)}` });
    await pass();
    expect((await read(name)).spec.manifestHash).toBe(`0x${"5e".repeat(32)}`);
  });

  test("a transfer changes tenant and label", async () => {
    const { name, client, pass, show } = await taken();
    await pass();
    show({ tenant: other });
    await pass();
    const lease = await read(name);
    expect(lease.spec.tenant).toBe(other);
    expect(lease.metadata.labels?.[labels.tenant]).toBe(other);
    expect(lease.metadata.finalizers).toEqual([finalizers.lease]);
    // The first change takes the object over from its create; every further one is a single write.
    show({ tenant });
    client.writes.length = 0;
    await pass();
    await pass();
    expect(client.writes.map(({ what }) => what)).toEqual([`apply computeleases ${name}`]);
    expect((await read(name)).spec.tenant).toBe(tenant);
  });

  test("waits with another lease that a reorganisation gave the id, until the first is removed", async () => {
    const { lab } = context;
    const { name, client, pass, show } = await taken();
    await pass();
    const first = await read(name);
    show({ tenant: other, units: 2 });
    client.writes.length = 0;
    expect(await pass()).toEqual({ requeueAfterSeconds: 5 });
    show({ tenant: other });
    lab.ledger.final = undefined; // of the same size: nothing final tells it from a transfer
    expect(await pass()).toEqual({ requeueAfterSeconds: 5 });
    expect(client.writes).toEqual([]);
    expect((await read(name)).spec).toEqual(first.spec);

    await lab.client.mergePatch(computeLeases, { name }, { metadata: { finalizers: null } }, by);
    await lab.client.delete(computeLeases, { name });
    await pass();
    const second = await read(name);
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
    expect(second.spec.tenant).toBe(other);
  });

  test("makes a lease anew that somebody deleted by hand, once it is gone", async () => {
    const { lab } = context;
    const { name, client, pass } = await taken();
    await pass();
    const first = await read(name);
    await lab.client.delete(computeLeases, { name });
    client.writes.length = 0;
    await pass();
    expect(client.writes).toEqual([]); // it is being deleted: its end comes first
    await lab.client.mergePatch(computeLeases, { name }, { metadata: { finalizers: null } }, by);
    await eventually("it is gone", async () =>
      (await lab.get(computeLeases, { name })) === undefined ? true : undefined,
    );
    await pass();
    const second = await read(name);
    expect(second.metadata.uid).not.toBe(first.metadata.uid);
    expect(second.metadata.finalizers).toEqual([finalizers.lease]);
  });

  test("a create whose answer was lost is no second lease", async () => {
    const { lab } = context;
    const { name, client, pass } = await taken();
    client.dieAt(0, "after");
    await expect(pass()).rejects.toThrow(name);
    await lab.caughtUp();
    const before = await read(name);
    const next = new LeaseIntake({
      client: (await lab.start()).client,
      informers: lab.informers,
      ledgers: lab.ledgers,
      clock: new ManualClock(),
      logger: silentLogger,
    });
    await next.reconcile(`market/${before.spec.leaseId}`, new AbortController().signal);
    expect(await read(name)).toEqual(before);
  });

  test.each([
    ["an unsynced ledger", (one: Case) => one.show()],
    ["a lease that has ended", (one: Case) => one.show({ state: "Closed" })],
  ])("%s makes nothing", async (what, arrange) => {
    const one = await taken();
    arrange(one);
    context.lab.ledger.isSynced = what !== "an unsynced ledger";
    await one.pass();
    expect(one.client.writes).toEqual([]);
  });
});

describe("a lease that no offer here sells", () => {
  const stranger = `0x${"99".repeat(32)}`;
  const wishes = (id: string) => context.lab.ledger.wishes.get(`lease/${id}/Close`);

  test("is left alone at first, and refunded when nobody claims it", async () => {
    const { id, client, clock, pass, show } = await taken();
    show({}, stranger);
    expect(await pass()).toEqual({ requeueAfterSeconds: 60 });
    await clock.advance(899_000);
    await pass();
    expect(wishes(id)).toBeUndefined();
    await clock.advance(1_000);
    await pass();
    expect(wishes(id)).toEqual({ kind: "Close", leaseId: id, reason: "Unplaceable" });
    expect(client.writes).toEqual([]);
  });

  test("is never closed once it was served", async () => {
    const { id, clock, pass, show } = await taken({ billedSeconds: 1 });
    show({}, stranger);
    await pass();
    await clock.advance(10_000_000);
    await pass();
    expect(wishes(id)).toBeUndefined();
  });

  test("starts its time anew when its offer came back meanwhile", async () => {
    const { id, clock, pass, show } = await taken();
    show({}, stranger);
    await pass();
    await clock.advance(800_000);
    show();
    await pass();
    show({}, stranger);
    await pass();
    await clock.advance(800_000);
    await pass();
    expect(wishes(id)).toBeUndefined();
  });
});
