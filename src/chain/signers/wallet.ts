import { type BaseWallet, Transaction } from "ethers";
import type { Signer, TypedData, UnsignedTransaction } from "../signer.ts";

/** The transaction as ethers encodes it. */
export function toEthersTransaction(transaction: UnsignedTransaction): Transaction {
  return Transaction.from({
    type: 2,
    chainId: transaction.chainId,
    nonce: transaction.nonce,
    to: transaction.to ?? null,
    data: transaction.data,
    value: 0n,
    gasLimit: transaction.gasLimit,
    maxFeePerGas: transaction.maxFeePerGasWei,
    maxPriorityFeePerGas: transaction.maxPriorityFeePerGasWei,
  });
}

/** A signer over a key that is held in this process. */
export function walletSigner(wallet: BaseWallet): Signer {
  return {
    address: wallet.address,
    signTransaction: async (transaction: UnsignedTransaction) =>
      await wallet.signTransaction(toEthersTransaction(transaction)),
    signTypedData: async ({ domain, types, value }: TypedData) => await wallet.signTypedData(domain, types, value),
  };
}
