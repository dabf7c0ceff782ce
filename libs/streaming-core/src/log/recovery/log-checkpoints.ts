import { Checkpoint } from './checkpoint.ts';
import type { Disk } from '../disk/disk.ts';
import { checkpointFiles } from '../data-folder/offset-checkpoint.ts';

interface CheckpointedLog {
  readonly flushedOffset: bigint;
  readonly logStartOffset: bigint;
  readonly compaction: { readonly cleanedTo: bigint | undefined };
}

interface StoredOffsets {
  readonly recoveryPoint: bigint;
  /** Undefined if it is unknown. */
  readonly logStartOffset: bigint | undefined;
  readonly cleanedTo: bigint | undefined;
}

/**
 * The three checkpoint files, which record for every partition how far it is on disk, where it
 * begins and how far it was compacted.
 */
export class LogCheckpoints {
  readonly #recoveryPoints: Checkpoint;
  readonly #logStarts: Checkpoint;
  readonly #cleanedTo: Checkpoint;

  constructor(disk: Disk, folder: string) {
    this.#recoveryPoints = new Checkpoint({ disk, folder, file: checkpointFiles.recoveryPoint });
    this.#logStarts = new Checkpoint({ disk, folder, file: checkpointFiles.logStart });
    this.#cleanedTo = new Checkpoint({ disk, folder, file: checkpointFiles.cleaner });
  }

  of(name: string): StoredOffsets {
    return {
      recoveryPoint: this.#recoveryPoints.offsetOf(name) ?? 0n,
      logStartOffset: this.#logStarts.exists ? (this.#logStarts.offsetOf(name) ?? 0n) : undefined,
      cleanedTo: this.#cleanedTo.offsetOf(name),
    };
  }

  /** The files are durable when the promise resolves. */
  async write(logs: ReadonlyMap<string, CheckpointedLog>): Promise<void> {
    const all = [...logs];
    const starts = all.flatMap(([name, { logStartOffset }]) =>
      logStartOffset === 0n ? [] : [[name, logStartOffset] as const],
    );
    const cleaned = all.flatMap(([name, { compaction }]) =>
      compaction.cleanedTo === undefined ? [] : [[name, compaction.cleanedTo] as const],
    );
    const points = new Map(all.map(([name, { flushedOffset }]) => [name, flushedOffset]));
    await this.#recoveryPoints.write(points);
    await this.#logStarts.write(new Map(starts));
    await this.#cleanedTo.write(new Map(cleaned));
  }
}
