/** The key by which API servers tell each other how far etcd is compacted; their list snapshots older than that expire. */
const compactRevisionKey = "compact_rev_key";

/** Compacts an etcd at its current revision, through its JSON gateway, and tells the API servers as another one's compactor would. */
export async function compactEtcd(etcdUrl: string): Promise<void> {
  const revision = revisionOf(await post(`${etcdUrl}/v3/kv/range`, { key: base64("/"), count_only: true }));
  await post(`${etcdUrl}/v3/kv/compaction`, { revision, physical: true });
  // Only now: whoever sees the key may rely on the compaction. The write makes a revision of its own, so the next compaction has work.
  await post(`${etcdUrl}/v3/kv/put`, { key: base64(compactRevisionKey), value: base64(revision) });
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
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
