import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { Wallet } from "ethers";
import { rawKeySigner } from "../../../chain/signers/raw-key.ts";
import { generateManifestKey, toHex } from "../../../sealing/key.ts";
import type { Context } from "../../context.ts";
import { Failure } from "../../failure.ts";
import type { Flags } from "../../flags.ts";
import { readNamedFile, writeNewFile } from "../../input/files.ts";
import { acting, newCommand, withOutput } from "../../options.ts";
import { printThing } from "../../output/print.ts";
import { withProgress } from "../../output/progress.ts";
import { type KeyMaterial, renderSecrets } from "../../output/secrets.ts";
import { renderFields } from "../../output/table.ts";

const KEY_BYTES = 32;
const OWNER_ONLY = 0o600;

export function keygenCommand(context: Context): Command {
  const command = newCommand(
    "keygen",
    "Make the operator's two keys: its account, and the one manifests are sealed to.",
  )
    .requiredOption("--out <dir>", "folder for the key files; made if need be")
    .option("--keystore", "encrypt the account's key (V3 keystore) with the password in --password-file")
    .option("--password-file <path>", "file with the keystore's password")
    .option("--secret <name>", "also write Secrets of this name, ready for kubectl apply")
    .option("--namespace <name>", "the Secrets' namespace", "berthage-system");
  return acting(withOutput(command), (_, flags) => keygen(flags, context));
}

async function keygen(flags: Flags, context: Context): Promise<void> {
  const dir = flags.required("out");
  const password = await passwordOf(flags);
  const [secret, namespace] = [flags.text("secret"), flags.required("namespace")];
  const key = toHex(context.random(KEY_BYTES));
  const signer = rawKeySigner(key);
  const manifestKey = generateManifestKey(context.random);
  const account = await accountFile(key, password, context);
  const files = new Map([
    [join(dir, account.name), account.text],
    [join(dir, "manifest.key"), `${manifestKey.privateKey}\n`],
  ]);
  if (secret !== undefined) {
    const material: KeyMaterial = { account, password, manifestKey: manifestKey.privateKey };
    files.set(join(dir, "secrets.yaml"), renderSecrets(secret, namespace, material));
  }
  await writeAll(dir, files);
  const made = { operator: signer.address, manifestPublicKey: manifestKey.publicKey, files: [...files.keys()] };
  const lines = (): string[] =>
    renderFields([["Operator", made.operator], ["Manifest public key", made.manifestPublicKey], ...fileFields(made)]);
  printThing(made, lines, flags, context);
  for (const step of nextSteps(made, dir, secret)) context.terminal.note(`next: ${step}`);
}

async function passwordOf(flags: Flags): Promise<string | undefined> {
  if (!flags.isSet("keystore")) return undefined;
  const text = (await readNamedFile(flags.required("passwordFile"), "password file")).toString("utf8");
  const password = text.replace(/\r?\n$/, "");
  if (password === "") throw new Failure("the password file is empty", "write a long random password into it");
  return password;
}

async function accountFile(
  key: string,
  password: string | undefined,
  context: Context,
): Promise<{ name: "operator.key" | "keystore.json"; text: string }> {
  if (password === undefined) return { name: "operator.key", text: `${key}\n` };
  const wallet = new Wallet(key);
  const text = await withProgress("encrypting the key", context, () => wallet.encrypt(password));
  return { name: "keystore.json", text: `${asWeb3SecretStorage(text)}\n` };
}

/** ethers writes `Crypto`; the definition (Web3 Secret Storage, version 3) has `crypto`, and other tools read no other. */
function asWeb3SecretStorage(text: string): string {
  const { Crypto: crypto, ...rest }: Readonly<Record<string, unknown>> = JSON.parse(text);
  return JSON.stringify({ ...rest, crypto });
}

/** Nothing is written unless everything can be. A lost key cannot be made again, so none is ever overwritten. */
async function writeAll(dir: string, files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (const path of files.keys()) {
    if (await exists(path)) {
      throw new Failure(`${path} is there already`, "choose another --out; keys are never overwritten");
    }
  }
  for (const [path, text] of files) await writeNewFile(path, text, OWNER_ONLY);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

function fileFields({ files }: { files: readonly string[] }): readonly (readonly [string, string])[] {
  return files.map((path, index) => [index === 0 ? "Files" : "", path] as const);
}

function nextSteps(
  { operator, manifestPublicKey }: { operator: string; manifestPublicKey: string },
  dir: string,
  secret: string | undefined,
): readonly string[] {
  const register = `berthage provider register --operator ${operator} --manifest-public-key ${manifestPublicKey}`;
  const apply = secret === undefined ? [] : [`kubectl apply -f ${join(dir, "secrets.yaml")}`];
  return [...apply, `${register} --payout ADDRESS --key-file OWNER`, `keep a copy of ${dir} in a safe place`];
}
