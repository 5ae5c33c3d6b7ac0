import type { ChainClient, Receipt } from "./client.ts";
import type { JournalTransaction } from "./journal.ts";

/** The receipt of whichever version of a transaction was mined. */
export async function findReceipt(
  client: ChainClient,
  transaction: JournalTransaction,
  signal: AbortSignal,
): Promise<Receipt | undefined> {
  for (const { hash } of transaction.attempts.toReversed()) {
    const receipt = await client.receipt(hash, signal);
    if (receipt !== undefined) return receipt;
  }
  return undefined;
}

/**
 * Whether any endpoint knows a version as mined.
 * @throws when one that should answer does not: what it knows might differ (law 1)
 */
export async function isMinedAnywhere(
  { pool }: ChainClient,
  transaction: JournalTransaction,
  signal: AbortSignal,
): Promise<boolean> {
  const readers = pool.readers.filter((endpoint) => endpoint.admits);
  const answers = await Promise.all(
    readers.flatMap((endpoint) =>
      transaction.attempts.map(({ hash }) =>
        pool.ask(endpoint, "eth_getTransactionReceipt", [hash], (result) => result !== null, signal),
      ),
    ),
  );
  return answers.includes(true);
}
