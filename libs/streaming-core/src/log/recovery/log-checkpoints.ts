import { join } from 'node:path';
import type { Disk } from '../disk/disk.ts';
import {
  checkpointFiles,
  readOffsets,
  writeOffsets,
  type Offsets,
} from '../data-folder/offset-checkpoint.ts';

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

/** One checkpoint file of the data folder, written when an offset in it has changed. */
class Checkpoint {
  readonly #disk: Disk;
  readonly #path: string;
  /** Undefined if the file does not exist. */
  #written: Offsets | undefined;

  /** Throws if the file exists but is malformed. */
  constructor(options: { readonly disk: Disk; readonly folder: string; readonly file: string }) {
    this.#disk = options.disk;
    this.#path = join(options.folder, options.file);
    this.#written = readOffsets(options.folder, options.file);
  }

  get exists(): boolean {
    return this.#written !== undefined;
  }

  offsetOf(partition: string): bigint | undefined {
    return this.#written?.get(partition);
  }

  /** The file is durable when the promise resolves. */
  async write(offsets: Offsets): Promise<void> {
    const known = this.#written;
    const same =
      known?.size === offsets.size && [...offsets].every(([name, offset]) => known.get(name) === offset);
    if (same) return;
    await writeOffsets(this.#disk, this.#path, offsets);
    this.#written = offsets;
  }
}
