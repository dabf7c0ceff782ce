import type { OpenLogReader } from '@millrace/streaming-core/client';
import { hours, pause, seconds, type Clock, type Logger } from '@millrace/streaming-core/runtime';
import { restore, type RestoredTask } from './restoration.ts';

/** A task whose changelogs only this process writes. */
export interface OwnedTask extends RestoredTask {
  /** Whether it has written since its last commit. */
  readonly hasWork: boolean;
}

interface CaughtUpStateParts {
  /** Reads committed records only. */
  readonly reader: Pick<OpenLogReader, 'fetchUndecoded' | 'beginningOffsets' | 'endOffsets'>;
  /** Reads the ends of logs, including transactions that are still open. */
  readonly ends: Pick<OpenLogReader, 'endOffsets'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The tasks that run. */
  readonly tasks: () => readonly OwnedTask[];
}

const intervalMs = hours(1);
/** The limit on a check, so that brokers that do not answer do not delay a close. */
const limitMs = seconds(1);
const markerDelayMs = 10;

/**
 * Stamps the files of idle tasks as caught up with their changelogs. A file that lags behind its
 * changelog is trusted only for `delete.retention.ms` after its last stamp, and even an idle file
 * lags behind, by the marker of its last transaction.
 */
export class CaughtUpState {
  readonly #parts: CaughtUpStateParts;
  #cancel = (): void => undefined;

  constructor(parts: CaughtUpStateParts) {
    this.#parts = parts;
  }

  /** Checks the tasks every hour until `stop`. */
  start(): void {
    this.#cancel = this.#parts.clock.after(intervalMs, () => {
      this.start();
      void this.keep();
    });
  }

  stop(): void {
    this.#cancel();
  }

  /** Checks the tasks once, for a second at most. Never rejects. */
  async keep(): Promise<void> {
    const { clock, tasks, logger } = this.#parts;
    const deadlineMs = clock.monotonic() + limitMs;
    const looks = Promise.all(tasks().map((task) => this.#keepOne(task, deadlineMs)));
    const ended = new AbortController();
    const failed = (error: unknown) =>
      logger.debug({ err: error }, 'the ends of changelogs could not be compared with the state');
    await Promise.race([looks.catch(failed), pause(clock, limitMs, ended.signal)]);
    ended.abort();
  }

  async #keepOne(task: OwnedTask, deadlineMs: number): Promise<void> {
    if (task.hasWork) return;
    const before = offsetsOf(task);
    const wallClockMs = this.#parts.clock.now();
    const isCurrent = () =>
      !task.hasWork &&
      this.#parts.clock.monotonic() < deadlineMs &&
      this.#parts.clock.now() < wallClockMs + limitMs &&
      this.#parts.tasks().includes(task) &&
      [...offsetsOf(task)].every(([topic, offset]) => before.get(topic) === offset);
    const reached = await this.#reach(task, isCurrent);
    if (reached !== undefined && isCurrent()) task.keepRestored(new Map([...before, ...reached]), true);
  }

  /** Returns the ends of the changelogs if only markers come after the state. */
  async #reach(task: OwnedTask, isCurrent: () => boolean): Promise<ReadonlyMap<string, bigint> | undefined> {
    const { reader, ends, clock } = this.#parts;
    const reached = new Map<string, bigint>();
    let hasMissed = false;
    if (!(await this.#transactionsEnd(task, isCurrent))) return undefined;
    const tail: RestoredTask = {
      changelogs: task.changelogs,
      restoredOffset: (topic) => task.restoredOffset(topic),
      restore: () => void (hasMissed = true),
      keepRestored: (offsets) => offsets.forEach((offset, topic) => reached.set(topic, offset)),
    };
    const complete = await restore([tail], {
      reader,
      ends,
      clock,
      batchRecordsMax: 1,
      isCurrent: () => !hasMissed && isCurrent(),
      onProgress: () => undefined,
    });
    return complete && !hasMissed ? reached : undefined;
  }

  /** Waits for the markers of the last transaction, which are written a moment after its commit. */
  async #transactionsEnd(task: OwnedTask, isCurrent: () => boolean): Promise<boolean> {
    const { reader, ends, clock } = this.#parts;
    const places = [...task.changelogs.values()];
    if (places.length === 0) return false;
    while (isCurrent()) {
      const [stable, all] = await Promise.all([reader.endOffsets(places), ends.endOffsets(places)]);
      if (all.every(({ offset }, index) => stable[index]!.offset >= offset)) return true;
      await pause(clock, markerDelayMs);
    }
    return false;
  }
}

function offsetsOf(task: RestoredTask): ReadonlyMap<string, bigint> {
  const offsets = [...task.changelogs.values()].map(
    ({ topic }) => [topic, task.restoredOffset(topic)] as const,
  );
  return new Map(offsets.filter((entry): entry is [string, bigint] => entry[1] !== null));
}
