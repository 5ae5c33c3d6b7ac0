import { stat } from "node:fs/promises";
import type { Signer } from "../../chain/signer.ts";
import { keystoreSigner } from "../../chain/signers/keystore.ts";
import { rawKeySigner } from "../../chain/signers/raw-key.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import type { Flags } from "../flags.ts";
import { readNamedFile } from "./files.ts";

/** The signer of `--key-file`. Keys come from files only: a command line is seen by every process and kept in histories. */
export async function readSigner(flags: Flags, context: Context): Promise<Signer> {
  const path = flags.required("keyFile");
  const text = (await readNamedFile(path, "key file")).toString("utf8").trim();
  await warnWhenReadable(path, context);
  return text.startsWith("{") ? await openKeystore(path, text, flags, context) : rawSigner(path, text);
}

function rawSigner(path: string, text: string): Signer {
  try {
    return rawKeySigner(text);
  } catch {
    throw new Failure(
      `the key file ${path} holds neither a private key (32 bytes of hex) nor a V3 keystore`,
      "make a key with `berthage provider keygen`, or export one from your wallet",
    );
  }
}

async function openKeystore(path: string, text: string, flags: Flags, { terminal }: Context): Promise<Signer> {
  const passwordFile = flags.text("passwordFile");
  if (passwordFile === undefined) {
    throw new Failure(`the key file ${path} is a keystore and needs its password`, "give --password-file");
  }
  const password = (await readNamedFile(passwordFile, "password file")).toString("utf8");
  if (terminal.canRedraw) terminal.note("opening the keystore (about a second)");
  try {
    return await keystoreSigner(text, password);
  } catch {
    throw new Failure(
      `the keystore ${path} does not open with the password in ${passwordFile}`,
      "check that both files belong together",
    );
  }
}

async function warnWhenReadable(path: string, { terminal }: Context): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) terminal.note(`warning: others can read the key file ${path}; run \`chmod 600 ${path}\``);
}
