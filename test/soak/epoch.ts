import { setTimeout as delay } from "node:timers/promises";
import type { Action, Step } from "./action.ts";
import { agree, audit, drain, restore } from "./calm.ts";
import { perform } from "./perform.ts";
import type { Stage } from "./stage.ts";
import type { Tally } from "./tally.ts";
import type { Watch } from "./watch.ts";

/** So many things are done at the same time at most. */
const AT_ONCE = 32;

/** What of one kind is done one after the other: an operator is not killed twice at once, nor a chain replaced. */
function turnOf({ do: what }: Action): "operator" | "blocks" | undefined {
  if (what === "kill" || what === "sleep") return "operator";
  return what === "reorganise" || what === "mine" ? "blocks" : undefined;
}

/**
 * From an empty world to an empty world: everybody acts, then the world is put right, both sides must agree, every lease ends,
 * and the books must balance. @throws Violation, or the wait that was in vain
 */
export async function liveEpoch(stage: Stage, watch: Watch, tally: Tally, steps: readonly Step[]): Promise<void> {
  const { world } = stage;
  const paidBefore = await world.market.balance(world.market.payout);
  const pending = new Set<Promise<void>>();
  const turns = { operator: Promise.resolve(), blocks: Promise.resolve() };
  for (const { action, pauseMilliseconds } of steps) {
    const act = (): Promise<void> => tally.count(action, () => perform(stage, action));
    const turn = turnOf(action);
    const acting = turn === undefined ? act() : turns[turn].then(act);
    if (turn !== undefined) turns[turn] = acting;
    pending.add(acting);
    void acting.finally(() => pending.delete(acting));
    if (pending.size >= AT_ONCE) await Promise.race(pending);
    await delay(pauseMilliseconds);
    watch.check();
  }
  await Promise.all([turns.operator, turns.blocks]);
  await restore(stage);
  await Promise.all(pending);
  await restore(stage); // what was still on its way came after all
  await agree(stage);
  await drain(stage);
  tally.leases += await audit(stage, watch.pods, paidBefore);
  await tally.weigh(stage);
  watch.check();
}
