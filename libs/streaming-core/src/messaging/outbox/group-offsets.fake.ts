import type { CommittedOffset, GroupOffsets, OffsetToCommit } from '../../client/index.ts';

/** A group's offsets in memory. `before` runs before each call and may make it fail. */
export class MemoryGroupOffsets implements GroupOffsets {
  readonly commits: OffsetToCommit[] = [];
  before: (call: 'committed' | 'commit') => Promise<void> = async () => undefined;

  async committed(): Promise<readonly CommittedOffset[]> {
    await this.before('committed');
    return this.commits.map((offset) => ({ metadata: null, ...offset }));
  }

  async commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    await this.before('commit');
    this.commits.push(...offsets);
  }

  readonly close = async () => undefined;
}
