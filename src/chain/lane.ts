import { keccak256, Transaction } from "ethers";
import { type LastBroadcast, nextStep } from "./attempts.ts";
import type { Receipt } from "./client.ts";
import { sleep } from "./clock.ts";
import { compose } from "./compose.ts";
import { errorText, SignerFailed } from "./errors.ts";
import { IntentQueue } from "./intent-queue.ts";
import type { Attempt, JournalRecord, JournalTransaction } from "./journal.ts";
import {
  defaultTimings,
  type LaneSettings,
  type LaneState,
  type LaneTimings,
  type LaneTrouble,
} from "./lane-settings.ts";
import { type ChainMetrics, noMetrics } from "./metrics.ts";
import { bumpedPrice, type PriceContext, startingPrice } from "./pricing.ts";
import { findReceipt, isMinedAnywhere } from "./receipts.ts";
import { judgeSend, type SendResult } from "./send-outcome.ts";
import type { UnsignedTransaction } from "./signer.ts";
import { spendingOn } from "./spending.ts";

const REJECTIONS_TO_ABANDON = 3;
const LOOKS_TO_BELIEVE = 3;
/** One who asks so seldom is no burden to a server that is back, and is seen to be back within seconds. */
const LONGEST_PAUSE_SECONDS = 15;

/**
 * Sends the transactions of one key on one chain, one at a time: coalesces due intents, runs them dry, prices, signs,
 * writes ahead, broadcasts everywhere, and tends what is in flight until it is confirmed. A restart carries on from the
 * journal. Intents must be idempotent on chain: the lane avoids repeating them but does not promise it.
 */
export class Lane<I> {
  readonly #settings: LaneSettings<I>;
  readonly #timings: LaneTimings;
  readonly #metrics: ChainMetrics;
  readonly #queue = new IntentQueue<I>();
  /** `undefined` until loaded, and again after a save failed: somebody else may have written. */
  #record: JournalRecord | undefined;
  #broadcastAtSeconds: number | undefined;
  #verdict: SendResult["verdict"] | undefined;
  #rejections = 0;
  #strangeLooks = 0;
  #strangerSinceSeconds: number | undefined;
  #writtenAt: bigint | undefined;
  #pausedUntilSeconds = 0;
  #failures = 0;
  #trouble: LaneTrouble | undefined;
  #lastError: string | undefined;
  #lastTransaction: string | undefined;

  constructor(settings: LaneSettings<I>) {
    this.#settings = settings;
    this.#timings = { ...defaultTimings, ...settings.timings };
    this.#metrics = settings.metrics ?? noMetrics;
  }

  /** Wants `intent` done, derived from state at block `basedOn`; replaces what was wanted under the key. */
  submit(key: string, intent: I, basedOn: bigint): void {
    this.#queue.submit(key, intent, basedOn, this.#nowSeconds());
    this.#metrics.laneDepth(this.#queue.depth);
  }

  withdraw(key: string): void {
    this.#queue.withdraw(key);
    this.#metrics.laneDepth(this.#queue.depth);
  }

  /** Keys that are wanted and not done. */
  keys(): readonly string[] {
    return this.#queue.keys();
  }

  state(): LaneState {
    const { clock } = this.#settings;
    const transaction = this.#record?.transaction;
    return {
      depth: this.#queue.depth,
      oldestSinceSeconds: this.#queue.oldestSinceSeconds(),
      pendingNonce: transaction?.nonce,
      attempts: transaction?.attempts.length ?? 0,
      trouble: this.#trouble,
      lastError: this.#lastError,
      stuckSinceSeconds: this.#stuckSince(transaction),
      spentTodayWei: spendingOn(this.#record?.spending, clock.now()).wei,
      lastTransaction: this.#lastTransaction,
      refusals: this.#queue.refusals(),
    };
  }

  /** Works until the signal aborts; what is in flight then waits in the journal for the next run. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.step(signal);
      const seconds = Math.min(this.#timings.pollSeconds * 2 ** Math.min(this.#failures, 10), LONGEST_PAUSE_SECONDS);
      await sleep(this.#settings.clock, Math.max(seconds, this.#timings.pollSeconds) * 1000, signal);
    }
  }

  /** One pass: tends the transaction in flight, or starts one. Failures become state. */
  async step(signal: AbortSignal): Promise<void> {
    try {
      const record = await this.#load();
      if (record.transaction !== undefined) await this.#tend(record, record.transaction, signal);
      else await this.#start(record, signal);
      this.#failures = 0;
      if (this.#trouble === "Failing" || this.#trouble === "SignerFailed") this.#calm();
    } catch (error) {
      if (signal.aborted) return;
      this.#failures += 1;
      this.#troubled(error instanceof SignerFailed ? "SignerFailed" : "Failing", errorText(error));
    }
  }

  async #load(): Promise<JournalRecord> {
    this.#record ??= (await this.#settings.journal.load()) ?? {
      spending: spendingOn(undefined, this.#settings.clock.now()),
      transaction: undefined,
    };
    return this.#record;
  }

  async #save(record: JournalRecord): Promise<void> {
    this.#record = undefined;
    await this.#settings.journal.save(record);
    this.#record = record;
  }

  // ------------------------------------------------------------------------------------------------ a new transaction

  async #start(record: JournalRecord, signal: AbortSignal): Promise<void> {
    const now = this.#nowSeconds();
    if (now < this.#pausedUntilSeconds) return;
    const waiting = this.#queue.due(now);
    const due = this.#settings.admit?.(waiting, this.#writtenAt) ?? waiting;
    if (due.size === 0) return this.#calm();
    const { sized, refused } = await compose(this.#settings, due, signal);
    for (const [key, reason] of refused) this.#refuse(key, reason);
    if (sized === undefined) return this.#calm();
    const price = await startingPrice(this.#priceContext(record, sized.gasLimit), signal);
    if ("trouble" in price) return this.#troubled(price.trouble, price.text);
    const { client, signer, clock } = this.#settings;
    const nonce = await client.nonce(signer.address, "latest", signal);
    if (await this.#isStrangerPending(nonce, signal)) return;
    const { to, data, intentKeys } = sized.call;
    const chainId = client.pool.chainId;
    const unsigned: UnsignedTransaction = { chainId, nonce, to, data, gasLimit: sized.gasLimit, ...price.fees };
    const signed = await this.#sign(unsigned, signal);
    if (signed === undefined) return;
    const transaction = { nonce, intentKeys, attempts: [signed.attempt], raw: signed.raw };
    await this.#save({ spending: spendingOn(record.spending, clock.now()), transaction });
    this.#rejections = 0;
    this.#strangeLooks = 0;
    await this.#broadcast(transaction, signal);
  }

  #priceContext(record: JournalRecord, gasLimit: bigint): PriceContext {
    const { client, fees, clock } = this.#settings;
    return { client, policy: fees, spending: spendingOn(record.spending, clock.now()), gasLimit };
  }

  /** A transaction of this key that the journal does not know waits at the nodes: it gets time to be mined. */
  async #isStrangerPending(nonce: number, signal: AbortSignal): Promise<boolean> {
    const { client, signer } = this.#settings;
    if ((await client.nonce(signer.address, "pending", signal)) <= nonce) {
      this.#strangerSinceSeconds = undefined;
      return false;
    }
    this.#strangerSinceSeconds ??= this.#nowSeconds();
    if (this.#nowSeconds() - this.#strangerSinceSeconds >= this.#timings.takeoverSeconds) return false;
    this.#troubled("ForeignPending", `a transaction with nonce ${nonce} that is not this lane's waits to be mined`);
    return true;
  }

  async #sign(
    unsigned: UnsignedTransaction,
    signal: AbortSignal,
  ): Promise<{ raw: string; attempt: Attempt } | undefined> {
    const { fence, signer } = this.#settings;
    if (!(await fence())) {
      this.#record = undefined; // the new leader writes it from now on
      return this.#troubled("NotLeader", "this process may not write: another one leads");
    }
    const raw = await signer.signTransaction(unsigned, signal).catch((error: unknown) => {
      throw new SignerFailed(errorText(error), { cause: error });
    });
    const { maxFeePerGasWei, maxPriorityFeePerGasWei } = unsigned;
    const attempt = {
      hash: keccak256(raw),
      signedAtSeconds: this.#nowSeconds(),
      maxFeePerGasWei,
      maxPriorityFeePerGasWei,
    };
    return { raw, attempt };
  }

  // ------------------------------------------------------------------------------------- the transaction in flight

  async #tend(record: JournalRecord, transaction: JournalTransaction, signal: AbortSignal): Promise<void> {
    const receipt = await findReceipt(this.#settings.client, transaction, signal);
    if (receipt !== undefined) return await this.#mined(record, transaction, receipt, signal);
    if (await this.#isNonceLost(record, transaction, signal)) return;
    const step = nextStep(transaction, this.#lastBroadcast(), this.#nowSeconds(), this.#timings);
    if (step === "bump" || this.#verdict === "Underpriced") await this.#bump(record, transaction, signal);
    else if (step === "rebroadcast" || (step === "look" && (await this.#isForgotten(transaction, signal)))) {
      await this.#rebroadcast(transaction, signal);
    }
    if (this.#rejections >= REJECTIONS_TO_ABANDON) {
      for (const key of transaction.intentKeys) this.#refuse(key, this.#lastError ?? "refused by every node");
      await this.#abandon(record, "Rejected", this.#lastError ?? "every node refused the transaction");
    }
  }

  async #mined(
    record: JournalRecord,
    transaction: JournalTransaction,
    receipt: Receipt,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, clock, confirmations, onDone } = this.#settings;
    const { number } = await client.header("latest", signal);
    if (number - receipt.blockNumber < BigInt(confirmations)) return this.#calm();
    const paidWei = receipt.gasUsed * receipt.effectiveGasPriceWei;
    const { day, wei } = spendingOn(record.spending, clock.now());
    await this.#save({ spending: { day, wei: wei + paidWei }, transaction: undefined });
    this.#leaveFlight();
    this.#lastTransaction = receipt.transactionHash;
    this.#writtenAt = receipt.blockNumber;
    this.#metrics.feePaid(paidWei);
    const seconds = this.#nowSeconds() - (transaction.attempts[0]?.signedAtSeconds ?? this.#nowSeconds());
    this.#metrics.transactionFinished(receipt.succeeded ? "mined" : "reverted", seconds);
    if (receipt.succeeded) {
      this.#queue.done(transaction.intentKeys, receipt.blockNumber);
      onDone?.(transaction.intentKeys, receipt);
    } else {
      for (const key of transaction.intentKeys) this.#refuse(key, `transaction ${receipt.transactionHash} reverted`);
    }
    this.#metrics.laneDepth(this.#queue.depth);
    this.#calm();
  }

  /** Whether the transaction can no longer be mined, or not before others that do not exist; it is then given up. */
  async #isNonceLost(record: JournalRecord, transaction: JournalTransaction, signal: AbortSignal): Promise<boolean> {
    const { client, signer } = this.#settings;
    const { nonce } = transaction;
    const next = await client.nonce(signer.address, "latest", signal);
    this.#strangeLooks = next === nonce ? 0 : this.#strangeLooks + 1;
    if (this.#strangeLooks < LOOKS_TO_BELIEVE) return false;
    if (next < nonce) {
      if (this.#stuckSince(transaction) === undefined) return false;
      await this.#abandon(record, "NonceGap", `nonce ${nonce} waits for ${next}, which a reorganisation took back`);
      return true;
    }
    if (await isMinedAnywhere(client, transaction, signal)) return false;
    this.#pausedUntilSeconds = this.#nowSeconds() + this.#timings.foreignPauseSeconds;
    await this.#abandon(
      record,
      "ForeignNonce",
      `nonce ${nonce} of ${signer.address} was used by somebody else: give the operator a key of its own`,
    );
    return true;
  }

  async #bump(record: JournalRecord, transaction: JournalTransaction, signal: AbortSignal): Promise<void> {
    const newest = transaction.attempts.at(-1);
    if (newest === undefined) {
      throw new Error(
        `the journal's transaction with nonce ${transaction.nonce} has no attempt; delete the journal object`,
      );
    }
    const { to, data, gasLimit, chainId } = Transaction.from(transaction.raw);
    const offer = { ...newest, isRefused: this.#verdict === "Underpriced" };
    const price = await bumpedPrice(this.#priceContext(record, gasLimit), offer, signal);
    if (price === "Enough" || "trouble" in price) {
      const isDue = this.#nowSeconds() - (this.#broadcastAtSeconds ?? 0) >= this.#timings.rebroadcastSeconds;
      if (isDue) await this.#rebroadcast(transaction, signal);
      return price === "Enough" ? undefined : this.#troubled(price.trouble, price.text);
    }
    const unsigned = { chainId, nonce: transaction.nonce, to: to ?? undefined, data, gasLimit, ...price.fees };
    const signed = await this.#sign(unsigned, signal);
    if (signed === undefined) return;
    const next = { ...transaction, attempts: [...transaction.attempts, signed.attempt], raw: signed.raw };
    await this.#save({ ...record, transaction: next });
    this.#metrics.transactionRepeated("bump");
    await this.#broadcast(next, signal);
  }

  async #isForgotten({ attempts }: JournalTransaction, signal: AbortSignal): Promise<boolean> {
    const newest = attempts.at(-1);
    return newest !== undefined && !(await this.#settings.client.isKnown(newest.hash, signal));
  }

  async #rebroadcast(transaction: JournalTransaction, signal: AbortSignal): Promise<void> {
    this.#metrics.transactionRepeated("rebroadcast");
    await this.#broadcast(transaction, signal);
  }

  async #broadcast(transaction: JournalTransaction, signal: AbortSignal): Promise<void> {
    const { verdict, text } = judgeSend(await this.#settings.client.sendRawTransaction(transaction.raw, signal));
    this.#broadcastAtSeconds = this.#nowSeconds();
    this.#verdict = verdict;
    this.#rejections = verdict === "Rejected" ? this.#rejections + 1 : 0;
    if (verdict === "Accepted") this.#calm();
    else if (verdict === "InsufficientFunds") this.#troubled("LowBalance", text);
    else if (verdict === "NonceTooHigh") this.#troubled("NonceGap", text);
    else if (verdict === "Rejected") this.#troubled("Rejected", text);
    else this.#lastError = text;
  }

  async #abandon(record: JournalRecord, trouble: LaneTrouble, text: string): Promise<void> {
    await this.#save({ ...record, transaction: undefined });
    this.#leaveFlight();
    this.#metrics.transactionFinished("abandoned", 0);
    this.#troubled(trouble, text);
  }

  #lastBroadcast(): LastBroadcast | undefined {
    const atSeconds = this.#broadcastAtSeconds;
    if (atSeconds === undefined) return undefined;
    const isAffordable = this.#verdict !== "InsufficientFunds";
    return { atSeconds, isAffordable, isAccepted: this.#verdict === "Accepted" };
  }

  #leaveFlight(): void {
    this.#broadcastAtSeconds = undefined;
    this.#verdict = undefined;
    this.#rejections = 0;
    this.#strangeLooks = 0;
  }

  // --------------------------------------------------------------------------------------------------------- state

  #stuckSince(transaction: JournalTransaction | undefined): number | undefined {
    const since = transaction?.attempts[0]?.signedAtSeconds;
    return since !== undefined && this.#nowSeconds() - since >= this.#timings.bumpSeconds ? since : undefined;
  }

  #refuse(key: string, reason: string): void {
    this.#queue.refused(key, reason, this.#nowSeconds());
    this.#settings.onRefused?.(key, reason);
  }

  #troubled(trouble: LaneTrouble, text: string): undefined {
    this.#trouble = trouble;
    this.#lastError = text;
  }

  #calm(): void {
    this.#trouble = undefined;
    this.#lastError = undefined;
  }

  #nowSeconds(): number {
    return this.#settings.clock.now() / 1000;
  }
}
