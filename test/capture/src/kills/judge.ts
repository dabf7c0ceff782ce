/** What a reader of the topic saw of a change. */
export interface SeenChange {
  readonly id: number;
  readonly op: string;
  /** Of the row before a delete, otherwise of the row after the change. */
  readonly version: number;
}

type Versions = ReadonlyMap<number, { readonly version: number; readonly exists: boolean }>;

/**
 * Says what is lost, repeated or out of order. A snapshot may be read more than once, but after the
 * last row of it each version comes exactly once and in order. A delete counts as a version of its own.
 */
export function problemsOf(seen: readonly SeenChange[], versions: Versions): readonly string[] {
  const problems: string[] = [];
  const last = new Map<number, { version: number; exists: boolean }>();
  const snapshotEnd = seen.findLastIndex(({ op }) => op === 'r');
  for (const { op, id } of seen.slice(0, snapshotEnd + 1))
    if (op !== 'r') problems.push(`row ${id}: a change (${op}) comes before the end of the snapshot`);
  for (const { id, op, version } of seen) {
    const before = last.get(id)?.version ?? 0;
    const now = op === 'd' ? version + 1 : version;
    if (op !== 'r' && last.has(id) && now !== before + 1)
      problems.push(`row ${id}: ${op} with version ${now} comes after version ${before}`);
    last.set(id, { version: now, exists: op !== 'd' });
  }
  for (const [id, { version, exists }] of versions) {
    const found = last.get(id);
    if (found === undefined ? exists : found.version !== version || found.exists !== exists)
      problems.push(
        `row ${id} ends with version ${version}, but the topic with ${found?.version ?? 'nothing'}`,
      );
  }
  return problems;
}
