/** The version of our state files. Files of another version are deleted and restored. */
export const STATE_FORMAT_VERSION = 2;

export interface ChangelogMeta {
  /** The id of the topic at the time of the first commit, or null if unknown. */
  readonly topicId: string | null;
  /** The next offset to restore, or null before the first commit. */
  readonly nextOffset: bigint | null;
}

/** The metadata that a state file contains. */
export interface StateMeta {
  /** Null in a file that has just been created, like the next two. */
  readonly formatVersion: number | null;
  readonly clusterId: string | null;
  /** The boot of the machine that wrote the file. */
  readonly bootId: string | null;
  /** Whether the file was synced to the disk after the last write. */
  readonly isSynced: boolean;
  /**
   * The time when the file last had all records of its changelogs, in Unix milliseconds, or the
   * time of its creation if it never had. The file has missed no tombstone from before that time.
   */
  readonly caughtUpAtMs: number | null;
  readonly changelogs: ReadonlyMap<string, ChangelogMeta>;
}

export interface ExpectedChangelog {
  readonly topicId: string;
  readonly startOffset: bigint;
  readonly endOffset: bigint;
  /** The topic's `delete.retention.ms`: how long it keeps a tombstone after compaction. */
  readonly deleteRetentionMs: number;
}

/** The facts that a state file has to match to be used. */
export interface ExpectedState {
  readonly clusterId: string;
  readonly bootId: string;
  readonly nowMs: number;
  readonly changelogs: ReadonlyMap<string, ExpectedChangelog>;
}

/**
 * Returns why the rows of a state file cannot be continued from its offsets, as a sentence for the
 * log, or null if they can.
 */
export function reasonToRefuse(meta: StateMeta, expected: ExpectedState): string | null {
  if (meta.formatVersion === null) return null;
  return reasonToRefuseFile(meta, expected) ?? reasonToRefuseChangelogs(meta, expected);
}

function reasonToRefuseFile(meta: StateMeta, { clusterId, bootId }: ExpectedState): string | null {
  if (meta.formatVersion !== STATE_FORMAT_VERSION) {
    return `It has format version ${meta.formatVersion}, and this release writes ${STATE_FORMAT_VERSION}.`;
  }
  if (meta.clusterId !== clusterId)
    return `It belongs to cluster ${meta.clusterId}, and this is ${clusterId}.`;
  if (meta.bootId !== bootId && !meta.isSynced) {
    return 'The machine was restarted before the file was synced to its disk.';
  }
  return null;
}

function reasonToRefuseChangelogs(meta: StateMeta, { nowMs, changelogs }: ExpectedState): string | null {
  for (const [topic, changelog] of changelogs) {
    const found = meta.changelogs.get(topic);
    if (found === undefined) continue;
    const reason = reasonToRefuseChangelog(found, changelog, nowMs - (meta.caughtUpAtMs ?? nowMs));
    if (reason !== null) return `${topic} ${reason}`;
  }
  return null;
}

function reasonToRefuseChangelog(
  { topicId, nextOffset }: ChangelogMeta,
  changelog: ExpectedChangelog,
  ageMs: number,
): string | null {
  const { startOffset, endOffset, deleteRetentionMs } = changelog;
  if (topicId !== null && topicId !== changelog.topicId) return 'was deleted and created again.';
  if (nextOffset === null) return null;
  if (nextOffset > endOffset) return `ends at offset ${endOffset}, before the file's offset ${nextOffset}.`;
  if (nextOffset < startOffset)
    return `begins at offset ${startOffset}, after the file's offset ${nextOffset}.`;
  if (nextOffset < endOffset && ageMs > deleteRetentionMs) {
    return (
      `may have lost tombstones: the file had all of it ${ageMs} ms ago, and delete.retention.ms is ` +
      `${deleteRetentionMs}.`
    );
  }
  return null;
}
