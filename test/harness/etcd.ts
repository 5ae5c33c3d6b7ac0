/** Compacts an etcd at its current revision, through its JSON gateway. */
export async function compactEtcd(etcdUrl: string): Promise<void> {
  const range = await post(`${etcdUrl}/v3/kv/range`, { key: Buffer.from("/").toString("base64"), count_only: true });
  const revision = revisionOf(range);
  await post(`${etcdUrl}/v3/kv/compaction`, { revision, physical: true });
}

function revisionOf(range: unknown): string {
  if (typeof range === "object" && range !== null && "header" in range) {
    const { header } = range;
    if (typeof header === "object" && header !== null && "revision" in header) return String(header.revision);
  }
  throw new Error(`etcd answered a range without a revision: ${JSON.stringify(range)}`);
}

async function post(url: string, body: object): Promise<unknown> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST ${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
