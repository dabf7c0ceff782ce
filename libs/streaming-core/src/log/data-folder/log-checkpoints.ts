import { join } from 'node:path';
import { existsSync, readFileSync } from 'node:fs';
import type { Disk } from '../disk/disk.ts';

/** Keyed by `topic-partition`. */
type Offsets = ReadonlyMap<string, bigint>;

/** The names are Kafka's. */
export const checkpointFiles = {
  /** Everything below the offset is on disk. */
  recoveryPoint: 'recovery-point-offset-checkpoint',
  /** Everything below the offset was deleted. The file omits partitions that begin at 0. */
  logStart: 'log-start-offset-checkpoint',
  /**
   * Everything below the offset was compacted. The file omits partitions that were never compacted.
   */
  cleaner: 'cleaner-offset-checkpoint',
} as const;

export const partitionName = (topic: string, partition: number): string => `${topic}-${partition}`;

/**
 * Writes Kafka's text format, version 0: a line with the version, one with the count, then `topic
 * partition offset`.
 */
async function writeOffsets(disk: Disk, path: string, offsets: Offsets): Promise<void> {
  const lines = [...offsets].map(
    ([name, offset]) =>
      `${name.slice(0, name.lastIndexOf('-'))} ${name.slice(name.lastIndexOf('-') + 1)} ${offset}`,
  );
  await disk.replaceFile(path, ['0', lines.length, ...lines, ''].join('\n'));
}

/**
 * Returns undefined if the file does not exist. Throws if it is malformed, because without the
 * offsets damage would look like an unfinished write.
 */
export function readOffsets(folder: string, file: string): Offsets | undefined {
  const path = join(folder, file);
  if (!existsSync(path)) return undefined;
  const [version, count, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const points = lines.map((line) => /^(\S+) (\d+) (\d+)$/.exec(line));
  if (version !== '0' || Number(count) !== lines.length || points.includes(null))
    throw new Error(`${path} cannot be read: restore it from a copy`);
  return new Map(points.map((found) => [partitionName(found![1]!, Number(found![2])), BigInt(found![3]!)]));
}

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
