import type { DurationMs } from '../../../runtime/index.ts';
import type { ConsumerSettings } from './consumer-settings.ts';
import { reportProcess, type ReportingGroup } from '../../operation-reports.ts';
import type { FetchedRecord } from '../../fetched-records.ts';
import type { ConsumedBatch } from './consumer-types.ts';

/** The content that a loop over a consumer receives in one turn. */
export type Delivered = FetchedRecord | ConsumedBatch;

/** Follows how the application uses its loop over a consumer. */
export interface LoopWatch {
  /** Called when the loop asks for more, and so has finished what it had in hand. */
  onAsked(): void;
  /** Called when the loop receives content. */
  onHanded(delivered: Delivered): void;
  /** Called when the loop has ended or was left, so that it asks for no more. */
  onLeft(): void;
}

/** The membership of the consumer whose loop is watched. */
interface WatchedMember {
  /** Gives up the partitions until `comeBack`. Returns false if the membership is over. */
  stayOut(): boolean;
  comeBack(): void;
}

/**
 * Takes the consumer out of its group while its loop is overdue, so that other members get the
 * partitions of an application that hangs. A loop that waits for records is never overdue, but a
 * loop that was left with records in hand can be.
 */
export class PollInterval implements LoopWatch {
  readonly #settings: Pick<ConsumerSettings, 'clock' | 'groupId' | 'logger' | 'maxPollIntervalMs'>;
  readonly #member: WatchedMember;
  #handedAt: number | undefined;
  /** True while the timer runs. It serves many records, since a timer for each would be slow. */
  #isTimed = false;
  #isOut = false;

  constructor(
    settings: Pick<ConsumerSettings, 'clock' | 'groupId' | 'logger' | 'maxPollIntervalMs'>,
    member: WatchedMember,
  ) {
    this.#settings = settings;
    this.#member = member;
  }

  onAsked(): void {
    this.#handedAt = undefined;
    if (!this.#isOut) return;
    this.#isOut = false;
    this.#member.comeBack();
  }

  onHanded(): void {
    const { clock, maxPollIntervalMs } = this.#settings;
    this.#handedAt = clock.monotonic();
    if (!this.#isTimed) this.#checkAfter(maxPollIntervalMs);
  }

  /**
   * Lets the interval continue, because records in hand keep their partition from other members.
   */
  onLeft(): void {}

  #checkAfter(span: DurationMs): void {
    this.#isTimed = true;
    this.#settings.clock.after(span, () => this.#check());
  }

  #check(): void {
    const { clock, groupId, logger, maxPollIntervalMs } = this.#settings;
    this.#isTimed = false;
    if (this.#handedAt === undefined) return;
    const leftMs = this.#handedAt + maxPollIntervalMs - clock.monotonic();
    if (leftMs > 0) return this.#checkAfter(leftMs);
    this.#isOut = this.#member.stayOut();
    if (this.#isOut)
      logger.warn(
        { groupId, maxPollIntervalMs },
        `the loop has not asked for more within maxPollIntervalMs (${maxPollIntervalMs} ms), ` +
          'so this consumer gives up its partitions until it does: ' +
          'raise maxPollIntervalMs, or take smaller batches (fetchMaxBytesPerPartition)',
      );
  }
}

/** Reports what the loop has in hand on `tracing:millrace.client.process`. */
export class ProcessReports implements LoopWatch {
  readonly #group: ReportingGroup;
  #end: (() => void) | undefined;

  constructor(group: ReportingGroup) {
    this.#group = group;
  }

  onAsked(): void {
    this.#end?.();
    this.#end = undefined;
  }

  onHanded(delivered: Delivered): void {
    this.#end = reportProcess(this.#group, delivered);
  }

  onLeft(): void {
    this.onAsked();
  }
}
