import { stringify } from "yaml";

export interface KeyMaterial {
  readonly account: { readonly name: "operator.key" | "keystore.json"; readonly text: string };
  /** Of the keystore. */
  readonly password: string | undefined;
  readonly manifestKey: string;
}

/** Secrets under the keys that a ComputeNetwork looks for: the account's, its password's, and the manifest key's. */
export function renderSecrets(
  name: string,
  namespace: string,
  { account, password, manifestKey }: KeyMaterial,
): string {
  const secrets = [
    secret(name, namespace, { [account.name === "keystore.json" ? "keystore.json" : "key"]: account.text.trim() }),
    ...(password === undefined ? [] : [secret(passwordSecretOf(name), namespace, { password })]),
    secret(manifestSecretOf(name), namespace, { key: manifestKey }),
  ];
  return secrets.map((document) => stringify(document)).join("---\n");
}

export function passwordSecretOf(name: string): string {
  return `${name}-password`;
}

export function manifestSecretOf(name: string): string {
  return `${name}-manifest`;
}

function secret(name: string, namespace: string, stringData: Record<string, string>): object {
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, type: "Opaque", stringData };
}
