import {
  Admin as LibraryAdmin,
  findErrorBy,
  kGetBootstrapConnection,
  type Connection,
} from '@platformatic/kafka';
import { pause, withDeadline } from '../../runtime/index.ts';
import { backoffDelay } from '../backoff.ts';
import { isUnanswered } from './bootstrap-order.ts';
import { ClientError, toClientError } from '../client-error.ts';
import { closeQuietly, guardEvents, libraryOptions, type ConnectionSettings } from './connection.ts';

/**
 * The backoff while a previous transaction ends. Its markers take a millisecond or two, so the
 * first retries come soon.
 */
const concurrentDelay = { retryDelayMsMin: 2, retryDelayMsMax: 20 };

/**
 * The connections of a client, which are opened when needed. It retries requests until a deadline,
 * and drops connections that may be broken.
 */
export class BrokerClient {
  readonly #settings: ConnectionSettings;
  readonly #closing = new AbortController();
  #library: LibraryAdmin | undefined;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  /** Throws `closed` after `close`, so that a request under way then opens no new connection. */
  get library(): LibraryAdmin {
    if (this.#closing.signal.aborted) throw new ClientError('closed', 'the client is closed');
    this.#library ??= guardEvents(new LibraryAdmin(libraryOptions(this.#settings)), this.#settings);
    return this.#library;
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Connects to any broker that answers. */
  anyConnection(): Promise<Connection> {
    return new Promise((resolve, reject) =>
      this.library[kGetBootstrapConnection]((error, connection) =>
        connection ? resolve(connection) : reject(error as Error),
      ),
    );
  }

  /**
   * Runs `work`, beginning with round 0, and retries it with backoff while its error is temporary.
   * `attempt` says in errors what was being done. `deadline` is a time of the monotonic clock.
   */
  async persistently<Result>(
    attempt: string,
    deadline: number,
    work: (round: number) => Promise<Result>,
  ): Promise<Result> {
    const { clock } = this.#settings;
    let last: unknown;
    const late = () => new ClientError('timeout', `${attempt}: no answer in time`, { cause: last });
    for (let round = 0; ; round += 1) {
      if (this.#closing.signal.aborted)
        throw new ClientError('closed', 'the client is closed', { cause: last });
      try {
        return await withDeadline(clock, deadline - clock.monotonic(), work(round), late);
      } catch (error) {
        last = error;
        if (isUnanswered(error as Error) && this.#library)
          this.#settings.bootstrapOrder.passOver(this.#library);
        if (!passes(error) || clock.monotonic() >= deadline) throw toClientError(error, attempt);
        const concurrent = isConcurrent(error) ? concurrentDelay : {};
        await pause(clock, backoffDelay(round, { ...this.#settings, ...concurrent }), this.#closing.signal);
      }
    }
  }

  /**
   * Drops every connection together with its pending requests. The next request opens a new one.
   */
  async discard(): Promise<void> {
    const library = this.#library;
    this.#library = undefined;
    if (library) await closeQuietly(library, () => library.close(), this.#settings);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.discard();
  }
}

export const isConcurrent = (error: unknown): boolean =>
  findErrorBy(error as Error, 'apiId', 'CONCURRENT_TRANSACTIONS') !== null;

/**
 * Broker errors that are worth a retry, in addition to the codes that `passes` knows. The broker
 * also answers NOT_ENOUGH_REPLICAS while it verifies the partition of a transaction (KIP-890).
 */
const passingIds = [
  'REQUEST_TIMED_OUT',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'KAFKA_STORAGE_ERROR',
];

export function passes(error: unknown): boolean {
  if (isUnanswered(error as Error)) return true;
  const { code } = toClientError(error, '');
  return (
    code === 'unreachable' ||
    code === 'unknown_topic' ||
    passingIds.some((id) => findErrorBy(error as Error, 'apiId', id) !== null)
  );
}
