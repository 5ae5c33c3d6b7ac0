/** What the tenant's program says of itself (test/harness/node/program). */
export interface TenantAnswer {
  readonly host: string;
  readonly user: number;
  /** The variable MODEL. */
  readonly model: string;
  /** GPUs by NVIDIA_VISIBLE_DEVICES. */
  readonly visible: readonly string[];
  /** Device files. */
  readonly devices: readonly string[];
}

interface RawAnswer {
  readonly host: string;
  readonly user: number;
  readonly model: string;
  readonly visible: string;
  readonly devices: readonly string[] | null;
}

/** Asks a tenant's container over HTTP. Throws when it does not answer 200 within 2 s. */
export async function tenantAnswer(address: string, port = 8080): Promise<TenantAnswer> {
  const response = await fetch(`http://${address}:${port}/`, { signal: AbortSignal.timeout(2000) });
  if (!response.ok) throw new Error(`the tenant's container answered ${response.status}`);
  const raw: RawAnswer = JSON.parse(await response.text());
  return { ...raw, visible: raw.visible.split(",").filter((id) => id !== ""), devices: raw.devices ?? [] };
}
