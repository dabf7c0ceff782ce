import type { OpenLogReader } from '@millrace/streaming-core/client';
import { hours, pause, seconds, type Clock, type Logger } from '@millrace/streaming-core/runtime';
import { restore, type RestoredTask } from './restoration.ts';

/** A task of which this process alone writes the changelogs. */
export interface OwnedTask extends RestoredTask {
  /** True if it has written since its last commit. */
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
/** How long a check may take, so that brokers that do not answer do not hold up a close. */
const limitMs = seconds(1);
const markerDelayMs = 10;

/**
 * Records in the files of idle tasks that they are up to date with their changelogs. A file that
 * lags behind its changelog is trusted only for `delete.retention.ms` after the last such entry, and
 * even an idle file lags, by the marker of its last transaction.
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

  /** Returns the ends of the changelogs if nothing but markers is between them and the state. */
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

  /** The markers of a transaction are written a moment after its commit. */
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
