import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BatchingProducer, ProducerRecord } from '@millrace/streaming-core/client';
import { makeFolder, pause, RetryLog, type Clock, type Logger } from '@millrace/streaming-core/runtime';
import { logTopic, sourceHeader } from '../log-line.ts';
import { FileTail, type FilePosition } from './file-tail.ts';

/** How often files are looked at that had nothing new. */
const lookMs = 250;
const retryMs = 1_000;
/** How often the positions are saved. Lines that were sent since are sent again after a crash. */
const saveMs = 1_000;
/** How long a stop waits for the acknowledgement of the chunk in hand. */
const stopMsMax = 5_000;

/**
 * The options of a producer of lines: in large batches, since a line is small, and acknowledged by
 * all replicas, since nobody would notice that lines are missing.
 */
export const lineBatches = { acks: 'all', lingerMs: 5, compression: 'zstd' } as const;

/**
 * The files of this app's own processes, whose lines are never shipped: one may be written because a
 * batch was shipped, and would then cause the next batch, without end.
 */
const ownFiles = /^logs(-[^/]*)?\.log$/;

/** One record for each line, as it is. */
export const recordsOf = (lines: readonly Buffer[], source: string): readonly ProducerRecord[] =>
  lines.map((value) => ({ topic: logTopic, key: null, value, headers: { [sourceHeader]: source } }));

export interface ShipperOptions {
  /** Every `*.log` in it is shipped, except for those of this app. */
  readonly folder: string;
  /** Keeps how far each file was shipped. */
  readonly stateDir: string;
  readonly producer: Pick<BatchingProducer, 'send'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Shipper {
  start(): void;
  /** Finishes the chunk in hand, and saves the positions. */
  stop(): Promise<void>;
}

/**
 * Sends the lines of log files to the topic, in order within each file, without reading what they
 * say. Of all files one chunk is in memory. A position moves on only after its lines were
 * acknowledged, so a crash loses no line, and repeats those of the last second.
 */
export function createShipper({ folder, stateDir, producer, clock, logger }: ShipperOptions): Shipper {
  const stopping = new AbortController();
  const givingUp = new AbortController();
  const retries = new RetryLog({ clock, logger });
  const tails = new Map<string, FileTail>();
  const saved = new SavedPositions(stateDir);
  let running: Promise<void> = Promise.resolve();
  let savedAt = clock.monotonic();

  async function send(lines: readonly Buffer[], source: string): Promise<void> {
    for (;;)
      try {
        await producer.send(recordsOf(lines, source), { signal: givingUp.signal });
        return retries.recovered('log files are shipped again');
      } catch (error) {
        if (stopping.signal.aborted) throw error;
        retries.failed(error, 'log files cannot be shipped; their lines wait in them');
        await pause(clock, retryMs, stopping.signal);
      }
  }

  const tailOf = (file: string): FileTail => {
    const lost = () =>
      logger.warn(
        { file },
        'a log file was rotated more than once since it was last shipped: lines are missing',
      );
    const tail = tails.get(file) ?? new FileTail(join(folder, file), saved.of(file), lost);
    tails.set(file, tail);
    return tail;
  };

  /** Ships a chunk of each file, and returns whether there may be more. */
  async function shipOnce(): Promise<boolean> {
    let more = false;
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.log') && !ownFiles.test(name))) {
      const read = tailOf(file).read();
      if (read.lines.length > 0) await send(read.lines, basename(file, '.log'));
      if (read.position !== undefined) saved.set(file, read.position);
      more ||= read.more;
    }
    return more;
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted)
      try {
        const more = await shipOnce();
        if (clock.monotonic() - savedAt >= saveMs) {
          saved.save();
          savedAt = clock.monotonic();
        }
        if (!more) await pause(clock, lookMs, stopping.signal);
      } catch (error) {
        if (stopping.signal.aborted) return;
        retries.failed(error, 'log files cannot be read, or their positions cannot be saved');
        await pause(clock, retryMs, stopping.signal);
      }
  }

  return {
    start() {
      running = follow();
    },
    async stop() {
      stopping.abort();
      const cancel = clock.after(stopMsMax, () => givingUp.abort());
      await running;
      cancel();
      saved.save();
      for (const tail of tails.values()) tail.close();
    },
  };
}

/** The positions of the files, in a file of the state folder that is replaced as a whole. */
class SavedPositions {
  readonly #file: string;
  readonly #positions: Map<string, FilePosition>;
  #isSaved = true;

  constructor(stateDir: string) {
    makeFolder(stateDir);
    this.#file = join(stateDir, 'shipped.json');
    this.#positions = new Map(Object.entries(readPositions(this.#file)));
  }

  of(name: string): FilePosition | undefined {
    return this.#positions.get(name);
  }

  set(name: string, position: FilePosition): void {
    this.#positions.set(name, position);
    this.#isSaved = false;
  }

  save(): void {
    if (this.#isSaved) return;
    const unfinished = `${this.#file}.unfinished`;
    writeFileSync(unfinished, JSON.stringify(Object.fromEntries(this.#positions)));
    renameSync(unfinished, this.#file);
    this.#isSaved = true;
  }
}

function readPositions(file: string): Readonly<Record<string, FilePosition>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, FilePosition>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Error(`${file} has no positions of log files: delete it, and all files are shipped again`, {
      cause: error,
    });
  }
}
