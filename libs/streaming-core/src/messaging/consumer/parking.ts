import {
  type ParkedKey,
  digestOf,
  isGivenUp,
  ParkingFullError,
  type ParkedMessage,
  type ToPark,
  ParkedKeys,
} from './parked-messages.ts';
import { sagaHeader } from '../../contract/index.ts';
import type { Clock, DurationMs } from '../../runtime/index.ts';
import type { ConsumedRecord } from '../../client/index.ts';
import type { Queryable } from '../../postgres/index.ts';
import { TerminalError } from './consumer-error.ts';
import { decodeAll, type Decoding, type Decoded } from './decode.ts';
import { retryDelay, type ConsumerLimits, parkedPause, type RetryPolicy } from './limits.ts';
import type { OffsetRow } from './offset-store.ts';
import type { MessageHandler } from './message-handler.ts';
import { firstParkedOf, hurriedAmong, loadParkedKeys } from './parked-store.ts';

interface InPlaceAttempt {
  /** 1 for the first attempt. */
  readonly count: number;
  /** The time since the first attempt failed. */
  readonly elapsedMs: DurationMs;
}

/** Counts the failed attempts to handle the message at one offset. Another offset begins anew. */
export class InPlaceAttempts {
  #offset = -1n;
  #count = 0;
  #sinceMs = 0;

  /** `nowMs` is a time on the monotonic clock. */
  next(offset: bigint, nowMs: number): InPlaceAttempt {
    if (offset !== this.#offset) {
      this.#offset = offset;
      this.#count = 0;
      this.#sinceMs = nowMs;
    }
    this.#count += 1;
    return { count: this.#count, elapsedMs: nowMs - this.#sinceMs };
  }
}

interface ParkingOptions extends Decoding {
  readonly database: Queryable;
  readonly row: OffsetRow;
  readonly limits: ConsumerLimits;
  readonly clock: Clock;
}

/** A message that failed when it was handled alone, before it was parked. */
interface FailedInPlace {
  readonly record: ConsumedRecord;
  readonly error: Error;
  /** The number of attempts to handle the message alone, including this one. */
  readonly attempts: number;
  /** The time since the first of those attempts. */
  readonly elapsedMs: DurationMs;
}

type Verdict =
  | { readonly kind: 'again'; readonly delayMs: DurationMs }
  | { readonly kind: 'park'; readonly message: ToPark }
  | { readonly kind: 'dead' };

export interface ParkingStatus {
  readonly keys: number;
  readonly messages: number;
  /** Whether there is no room for a message that the partition has to park. */
  readonly full: boolean;
}

/** Decides which messages of a partition are parked, retried and given up, and when. */
export class Parking {
  readonly keys: ParkedKeys;
  readonly #options: ParkingOptions;

  constructor(options: ParkingOptions, keys: readonly ParkedKey[]) {
    this.#options = options;
    this.keys = new ParkedKeys(keys);
  }

  /** Call this after a commit whose outcome is unknown. */
  async reload(): Promise<void> {
    const { database, row } = this.#options;
    this.keys.replace(await loadParkedKeys(database, row));
  }

  /** Separates messages of parked keys, which have to wait behind those that are already parked. */
  divide(decoded: readonly Decoded[]): {
    readonly items: readonly Decoded[];
    readonly parked: readonly ToPark[];
  } {
    if (this.keys.size === 0) return { items: decoded, parked: [] };
    const parked: ToPark[] = [];
    const added = new Map<string, number>();
    const items = decoded.filter(({ kind, record }) => {
      const digest = digestOf(record.key ?? '');
      if (kind !== 'handle' || this.keys.messagesOf(digest) === 0) return true;
      added.set(digest, (added.get(digest) ?? 0) + 1);
      this.#refuseTooMany(digest, added.get(digest) ?? 0);
      parked.push(this.#toPark(record, digest, 0));
      return false;
    });
    return { items, parked };
  }

  /**
   * While the partition has a parked key, a failing message is parked without a wait in place,
   * because one fault often hits many keys and each wait would delay all the others.
   */
  judgeInPlace({ record, error, attempts, elapsedMs }: FailedInPlace): Verdict {
    if (error instanceof TerminalError) return { kind: 'dead' };
    const { limits, clock } = this.#options;
    const policy = this.#policyOf(record);
    const delayMs = retryDelay(limits, attempts);
    const parks = policy.parkedMs > 0;
    const holdsUp = !parks || this.keys.size === 0;
    if (holdsUp && elapsedMs + delayMs <= policy.inPlaceMs) return { kind: 'again', delayMs };
    if (!parks) return { kind: 'dead' };
    const retryAtMs = clock.now() + parkedPause(policy, 0);
    return {
      kind: 'park',
      message: this.#toPark(record, digestOf(record.key ?? ''), attempts, retryAtMs, error),
    };
  }

  /** Returns when to retry a parked message that has failed again, or undefined to give it up. */
  judgeParked(message: ParkedMessage, error: Error): number | undefined {
    const policy = this.#policyOf(message.record);
    const now = this.#options.clock.now();
    const retries = message.retries + 1;
    const isOver = now - message.parkedAtMs >= policy.parkedMs && retries >= policy.parkedRetriesMin;
    const isLast = error instanceof TerminalError || isGivenUp(message.parkedAtMs) || isOver;
    return isLast ? undefined : now + parkedPause(policy, retries);
  }

  /** The digest of the key that is due first, if any is due. */
  get due(): string | undefined {
    const next = this.keys.next;
    return next !== undefined && next.retryAtMs <= this.#options.clock.now() ? next.digest : undefined;
  }

  /** The time until the next key is due, or undefined if none is parked. */
  get idleMs(): DurationMs | undefined {
    const next = this.keys.next;
    return next && Math.max(0, next.retryAtMs - this.#options.clock.now());
  }

  /** Returns the first message of a key, or undefined if its rows were deleted by hand. */
  async first(digest: string): Promise<{ message: ParkedMessage; item: Decoded } | undefined> {
    const { database, row } = this.#options;
    const message = await firstParkedOf(database, row, digest);
    if (message === undefined) {
      this.keys.forget(digest);
      return undefined;
    }
    const [item] = await decodeAll([message.record], this.#options);
    return item && { message, item };
  }

  /** Makes the keys due that an operator wants to be tried now. */
  async hearOperators(): Promise<void> {
    const { database, row, clock } = this.#options;
    for (const digest of await hurriedAmong(database, row)) this.keys.postpone(digest, clock.now());
  }

  /** Postpones a key after a failure of the infrastructure, which does not count as an attempt. */
  later(digest: string): void {
    const { clock, limits } = this.#options;
    this.keys.postpone(digest, clock.now() + parkedPause(limits, 0));
  }

  #toPark(
    record: ConsumedRecord,
    digest: string,
    attemptsInPlace: number,
    retryAtMs = this.#options.clock.now(),
    error?: Error,
  ): ToPark {
    return { record, digest, attemptsInPlace, retryAtMs, error, parkedAtMs: this.#options.clock.now() };
  }

  #refuseTooMany(digest: string, added: number): void {
    const { limits, row } = this.#options;
    const held = this.keys.messagesOf(digest);
    if (held + added > limits.parkedPerKeyMax)
      throw new ParkingFullError(
        `group ${row.group} has parked ${held} messages of one key of ${row.topic}-${row.partition}, ` +
          `and may park at most ${limits.parkedPerKeyMax}: ` +
          "fix the cause of the first message's failure (see last_error in parked_message); " +
          'the partition continues as soon as there is room',
      );
  }

  #policyOf({ topic, headers }: ConsumedRecord): RetryPolicy {
    const { handlers, limits } = this.#options;
    const handler: MessageHandler | undefined = handlers.find(topic, {
      type: headers.get('ce_type') ?? '',
      saga: headers.get(sagaHeader),
    });
    return { ...limits, ...handler?.retry };
  }
}
