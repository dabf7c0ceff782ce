import { Admin as LibraryAdmin, findErrorBy, FindCoordinatorKeyTypes, type Connection } from '@platformatic/kafka';
import { pause, withDeadline } from '../contract/index.ts';
import { backoffDelay } from './backoff.ts';
import { isUnanswered } from './bootstrap-order.ts';
import { ClientError, toClientError } from './client-error.ts';
import { closeQuietly, guardEvents, libraryOptions, type ConnectionSettings } from './connection.ts';

/** Of a transactional id or of a group: the broker that keeps its state. */
export interface CoordinatorOf {
  readonly kind: 'TRANSACTION' | 'GROUP';
  readonly key: string;
}

type Place = { readonly host: string; readonly port: number };

/** A marker takes a millisecond or two: whoever waits for the end of a transaction asks again soon, then more slowly. */
const concurrentDelay = { retryDelayMsMin: 2, retryDelayMsMax: 20 };

/**
 * Requests of a transaction, asked again until their deadline: its coordinator may move or be away, and says CONCURRENT_TRANSACTIONS for a
 * moment after each transaction. All of them may be repeated: the coordinator recognizes what it has done already.
 */
export class CoordinatorClient {
  readonly #settings: ConnectionSettings;
  readonly #closing = new AbortController();
  readonly #places = new Map<string, Place>();
  #library: LibraryAdmin | undefined;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
  }

  get library(): LibraryAdmin {
    this.#library ??= guardEvents(new LibraryAdmin(libraryOptions(this.#settings)), this.#settings);
    return this.#library;
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** `deadline` is on the monotonic clock, `attempt` says what was being done. */
  ask<Result>(of: CoordinatorOf, attempt: string, deadline: number, request: (connection: Connection) => Promise<Result>): Promise<Result> {
    return this.persistently(attempt, deadline, async () => {
      try {
        return await request(await this.#connectionTo(of));
      } catch (error) {
        if (!isConcurrent(error)) this.#places.delete(nameOf(of));
        throw error;
      }
    });
  }

  /** Again with backoff, from round 0, while the reason passes by itself. */
  async persistently<Result>(attempt: string, deadline: number, work: (round: number) => Promise<Result>): Promise<Result> {
    const { clock } = this.#settings;
    let last: unknown;
    const late = () => new ClientError('timeout', `${attempt}: no answer in time`, { cause: last });
    for (let round = 0; ; round += 1) {
      if (this.#closing.signal.aborted) throw new ClientError('closed', 'the producer is closed', { cause: last });
      try {
        return await withDeadline(clock, deadline - clock.monotonic(), work(round), late);
      } catch (error) {
        last = error;
        if (isUnanswered(error as Error) && this.#library) this.#settings.bootstrapOrder.passOver(this.#library);
        if (!passes(error) || clock.monotonic() >= deadline) throw toClientError(error, attempt);
        const concurrent = isConcurrent(error) ? concurrentDelay : {};
        await pause(clock, backoffDelay(round, { ...this.#settings, ...concurrent }), this.#closing.signal);
      }
    }
  }

  /** Drops every connection, with what is still under way on it. The next request connects anew. */
  async discard(): Promise<void> {
    const library = this.#library;
    this.#library = undefined;
    this.#places.clear();
    if (library) await closeQuietly(library, () => library.close(), this.#settings);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.discard();
  }

  async #connectionTo(of: CoordinatorOf): Promise<Connection> {
    const place = this.#places.get(nameOf(of)) ?? (await this.#find(of));
    this.#places.set(nameOf(of), place);
    return this.library.connections.get(place);
  }

  async #find({ kind, key }: CoordinatorOf): Promise<Place> {
    const [found] = await this.library.findCoordinator({ keyType: FindCoordinatorKeyTypes[kind], keys: [key] });
    if (!found) throw new ClientError('unreachable', `nobody coordinates ${key} just now`);
    return { host: found.host, port: found.port };
  }
}

const nameOf = ({ kind, key }: CoordinatorOf): string => `${kind} ${key}`;

export const isConcurrent = (error: unknown): boolean => findErrorBy(error as Error, 'apiId', 'CONCURRENT_TRANSACTIONS') !== null;

/** What a broker says that means later, beyond the codes that always do. Verification of a transaction's partition answers NOT_ENOUGH_REPLICAS (KIP-890). */
const passingIds = ['REQUEST_TIMED_OUT', 'NOT_ENOUGH_REPLICAS', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'KAFKA_STORAGE_ERROR'];

function passes(error: unknown): boolean {
  if (isUnanswered(error as Error)) return true;
  const { code } = toClientError(error, '');
  return code === 'unreachable' || code === 'unknown_topic' || passingIds.some((id) => findErrorBy(error as Error, 'apiId', id) !== null);
}
