import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { encryptKeystoreJson, Transaction, Wallet } from "ethers";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { isRecord } from "../../../src/chain/hex.ts";
import { sendTransaction } from "../../../src/chain/send.ts";
import type { Signer } from "../../../src/chain/signer.ts";
import { keystoreSigner } from "../../../src/chain/signers/keystore.ts";
import { rawKeySigner } from "../../../src/chain/signers/raw-key.ts";
import { type RemoteSigner, remoteSigner } from "../../../src/chain/signers/remote.ts";
import { systemClock } from "../../../src/kube/clock.ts";
import { explainRevert } from "../../../src/networks/market/explain.ts";
import { signPermit } from "../../../src/networks/market/permit.ts";
import { type Chain, startChain } from "../../harness/chain.ts";
import { close, listen } from "./support/interposer.ts";
import { account, type Market, startMarket } from "./support/market.ts";

let chain: Chain;
let market: Market;
let server: Server;
let remote: RemoteSigner;
let privateKey: string;
/** Changes the fields that the signing server signs. */
let tamper: (fields: Record<string, unknown>) => Record<string, unknown>;
let signingKey: string;

beforeAll(async () => {
  chain = await startChain();
  market = await startMarket(chain);
  ({ privateKey } = account(chain, 3));
  server = createServer((incoming, outgoing) => {
    const serve = async (): Promise<void> => {
      const request: unknown = JSON.parse(await text(incoming));
      if (!isRecord(request) || !Array.isArray(request["params"])) throw new Error("not a request");
      const result = await answer(String(request["method"]), request["params"]);
      outgoing.end(JSON.stringify({ jsonrpc: "2.0", id: request["id"], result }));
    };
    serve().catch(() => outgoing.destroy());
  });
  remote = remoteSigner({ url: await listen(server), address: new Wallet(privateKey).address, clock: systemClock });
});

beforeEach(() => {
  tamper = (fields) => fields;
  signingKey = privateKey;
});

afterEach(() => expect(remote.address).toBe(new Wallet(privateKey).address));

afterAll(async () => {
  await remote.close();
  await close(server);
  await market.close();
  await chain.stop();
});

/** A signing server such as Web3Signer: it holds the key and signs what it is sent. */
async function answer(method: string, params: readonly unknown[]): Promise<unknown> {
  const wallet = new Wallet(signingKey);
  const [first, second] = params;
  if (method === "eth_signTransaction" && isRecord(first)) {
    const { from: _from, gas, ...rest } = tamper(first);
    return await wallet.signTransaction(Transaction.from({ type: 2, gasLimit: String(gas), ...rest }));
  }
  if (method === "eth_signTypedData_v4" && isRecord(second) && isRecord(second["domain"])) {
    const { EIP712Domain: _domain, ...types } = JSON.parse(JSON.stringify(second["types"]));
    return await wallet.signTypedData(second["domain"], types, JSON.parse(JSON.stringify(second["message"])));
  }
  throw new Error("unknown method");
}

async function proves(signer: Signer): Promise<void> {
  const options = { client: market.client, signer, clock: systemClock, explain: explainRevert };
  const receipt = await sendTransaction(market.transactions.approve(market.token, 7n), options);
  expect(receipt.succeeded).toBe(true);
  const request = { token: market.token, spender: market.address, amount: 5n, deadline: 2n ** 40n };
  const permit = await signPermit(market.client, signer, request);
  if (permit === undefined) throw new Error("the token has permits");
  const offerId = await market.publish(8);
  const opening = { offerId, units: 1, deposit: 5n, manifestHash: `0x${"00".repeat(32)}` };
  // Without tokens the permit still counts: the allowance is there, the balance is not.
  await expect(sendTransaction(market.transactions.open(opening, permit), options)).rejects.toThrow(
    /ERC20InsufficientBalance|DepositTooSmall/,
  );
}

test("a raw key signs what the chain accepts", async () => {
  await proves(rawKeySigner(` ${privateKey.slice(2)}\n`));
});

test("a V3 keystore with its password signs what the chain accepts", async () => {
  const wallet = new Wallet(privateKey);
  const json = await encryptKeystoreJson(wallet, "correct horse", { scrypt: { N: 1024 } });
  const signer = await keystoreSigner(json, "correct horse\n");
  expect(signer.address).toBe(wallet.address);
  await proves(signer);
  const refused: unknown = await keystoreSigner(json, "wrong horse").catch((e: unknown) => e);
  expect(String(refused)).toMatch(/does not open with this password/);
  expect(String(refused)).not.toMatch(/wrong horse/);
  await expect(keystoreSigner("{}", "x")).rejects.toThrow(/not a V3 keystore/);
});

test("a remote signer signs what the chain accepts", async () => {
  await proves(remote);
});

test("a remote signer that signs something else, or as somebody else, is not believed", async () => {
  const send = () =>
    sendTransaction(market.transactions.approve(market.token, 7n), {
      client: market.client,
      signer: remote,
      clock: systemClock,
      explain: explainRevert,
    });
  for (const [field, value] of [
    ["to", new Wallet(privateKey).address],
    ["data", "0x"],
    ["value", "0x1"],
    ["nonce", "0x99"],
    ["gas", "0x1000000"],
    ["maxFeePerGas", "0xffffffffff"],
    ["chainId", "0x1"],
  ]) {
    tamper = (fields) => ({ ...fields, [String(field)]: value });
    await expect(send()).rejects.toThrow(/another transaction than it was asked to/);
  }
  tamper = (fields) => fields;
  signingKey = account(chain, 4).privateKey;
  await expect(send()).rejects.toThrow(/signed as 0x.* and not as/);
  const request = { token: market.token, spender: market.address, amount: 5n, deadline: 2n ** 40n };
  await expect(signPermit(market.client, remote, request)).rejects.toThrow(/does not recover to/);
});

test("a key that is none is refused without being told", () => {
  for (const key of ["", "0x1234", "zz".repeat(32), "00".repeat(32), `0x${"ff".repeat(32)}`]) {
    const error = refusal(() => rawKeySigner(key));
    expect(error).toMatch(/key (must be 32 bytes|is not a valid)/);
    if (key !== "") expect(error).not.toContain(key.replace("0x", ""));
  }
});

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return String(error);
  }
  throw new Error("it was not refused");
}
