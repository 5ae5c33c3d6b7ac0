import { getAddress, Transaction, verifyTypedData } from "ethers";
import { type Clock, withDeadline } from "../clock.ts";
import { Unreachable } from "../errors.ts";
import { isRecord, parseData, quantity } from "../hex.ts";
import { JsonRpcTransport } from "../json-rpc.ts";
import type { Signer, TypedData, UnsignedTransaction } from "../signer.ts";
import { typedDataPayload } from "./typed-data-payload.ts";
import { toEthersTransaction } from "./wallet.ts";

export interface RemoteSignerSettings {
  readonly url: string;
  readonly address: string;
  readonly clock: Clock;
  /** Default 10. */
  readonly deadlineSeconds?: number;
}

export interface RemoteSigner extends Signer {
  close(): Promise<void>;
}

/**
 * A signer behind JSON-RPC (`eth_signTransaction`, `eth_signTypedData_v4` as Web3Signer and Clef serve them). What comes back is
 * believed only if it is exactly what was asked for and recovers to the address.
 */
export function remoteSigner(settings: RemoteSignerSettings): RemoteSigner {
  const address = getAddress(settings.address);
  const transport = new JsonRpcTransport("signer", settings.url);
  const seconds = settings.deadlineSeconds ?? 10;
  const call = (method: string, params: readonly unknown[], signal?: AbortSignal): Promise<unknown> => {
    const late = (): Error => new Unreachable(`the remote signer did not answer ${method} in ${seconds} s`);
    return withDeadline(settings.clock, seconds * 1000, signal, late, (within) =>
      transport.call(method, params, within),
    );
  };
  return {
    address,
    async signTransaction(transaction, signal) {
      const raw = rawTransaction(
        await call("eth_signTransaction", [transactionArguments(address, transaction)], signal),
      );
      verifySigned(raw, transaction, address);
      return raw;
    },
    async signTypedData(data, signal) {
      const signature = parseData(await call("eth_signTypedData_v4", [address, typedDataPayload(data)], signal));
      verifySignature(data, signature, address);
      return signature;
    },
    close: () => transport.close(),
  };
}

function transactionArguments(from: string, transaction: UnsignedTransaction): Record<string, string> {
  return {
    from,
    ...(transaction.to === undefined ? {} : { to: transaction.to }),
    data: transaction.data,
    value: "0x0",
    gas: quantity(transaction.gasLimit),
    nonce: quantity(transaction.nonce),
    chainId: quantity(transaction.chainId),
    maxFeePerGas: quantity(transaction.maxFeePerGasWei),
    maxPriorityFeePerGas: quantity(transaction.maxPriorityFeePerGasWei),
  };
}

/** Web3Signer answers the raw transaction, Clef and geth an object that holds it. */
function rawTransaction(result: unknown): string {
  return parseData(isRecord(result) ? result["raw"] : result);
}

/** @throws unless `raw` is `transaction`, field by field, signed by `address` */
export function verifySigned(raw: string, transaction: UnsignedTransaction, address: string): void {
  let signed: Transaction;
  try {
    signed = Transaction.from(raw);
  } catch {
    throw new Error("the remote signer answered something that is not a signed transaction");
  }
  if (signed.unsignedHash !== toEthersTransaction(transaction).unsignedHash) {
    throw new Error("the remote signer signed another transaction than it was asked to; do not trust it");
  }
  if (signed.from !== address) {
    throw new Error(
      `the remote signer signed as ${signed.from ?? "nobody"} and not as ${address}; correct the address`,
    );
  }
}

function verifySignature({ domain, types, value }: TypedData, signature: string, address: string): void {
  if (verifyTypedData(domain, types, value, signature) !== address) {
    throw new Error(`the remote signer's signature does not recover to ${address}; correct the address`);
  }
}
