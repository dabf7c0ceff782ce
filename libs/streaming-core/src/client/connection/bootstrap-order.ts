import { findErrorBy, kGetBootstrapConnection, type Base, type Connection } from '@platformatic/kafka';
import type { Clock, DurationMs } from '../../runtime/index.ts';

type Asked = Parameters<Base[typeof kGetBootstrapConnection]>[0];

const silenceMs: DurationMs = 30_000;
const skipsMax = 16;

/**
 * Makes clients skip brokers that have just failed to answer a metadata request. The library asks
 * the first broker that accepts a connection, and a broker that hangs still accepts connections, so
 * every client would wait for it. All clients that are created with the same settings share one
 * instance.
 */
export class BootstrapOrder {
  readonly #clock: Clock;
  readonly #silentUntil = new Map<string, number>();
  readonly #asked = new WeakMap<Base, Connection>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Makes this client skip silent brokers from now on. If all of them are silent, it asks the last
   * one that it tried.
   */
  guide(client: Base): void {
    const ask = client[kGetBootstrapConnection].bind(client);
    const askFrom = (attempt: number, skips: number, callback: Asked): void =>
      ask((error, connection) => {
        if (connection && skips < skipsMax && this.#isSilent(connection))
          return askFrom(attempt + 1, skips + 1, callback);
        if (connection) this.#asked.set(client, connection);
        callback(error, connection);
      }, attempt);
    client[kGetBootstrapConnection] = (callback, attempt = 0) => askFrom(attempt, 0, callback);
  }

  /**
   * Marks the broker that this client asked last as silent for 30 s, and closes the connection to
   * it, so that requests that wait for its answer fail.
   */
  passOver(client: Base): void {
    const asked = this.#asked.get(client);
    if (asked === undefined) return;
    this.#silentUntil.set(addressOf(asked), this.#clock.monotonic() + silenceMs);
    void asked.close();
  }

  #isSilent(connection: Connection): boolean {
    return this.#clock.monotonic() < (this.#silentUntil.get(addressOf(connection)) ?? 0);
  }
}

const addressOf = ({ host, port }: Connection): string => `${host}:${port}`;

/** Recognizes the error of the library for a request that got no answer. */
export const isUnanswered = (error: Error | null | undefined): boolean =>
  findErrorBy(error, 'message', 'Request timed out') !== null;
