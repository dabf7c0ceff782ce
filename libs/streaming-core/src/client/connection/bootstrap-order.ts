import { findErrorBy, kGetBootstrapConnection, type Base, type Connection } from '@platformatic/kafka';
import type { Clock, DurationMs } from '../../runtime/index.ts';

type Asked = Parameters<Base[typeof kGetBootstrapConnection]>[0];

const silenceMs: DurationMs = 30_000;
const skipsMax = 16;

/**
 * Which broker is asked for what any of them knows: not one that has just not answered. The library asks the first that takes a connection, and
 * one that hangs still does: without this, everybody would wait for it as long as it hangs. Shared by all that is made with the same settings.
 */
export class BootstrapOrder {
  readonly #clock: Clock;
  readonly #silentUntil = new Map<string, number>();
  readonly #asked = new WeakMap<Base, Connection>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on this client leaves out those that are silent; when all are, the last one is asked. */
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

  /** The broker that was asked does not answer: others are asked for a while, and whoever still waits for this one is told. */
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

/** The library's word for a request that nobody answered. */
export const isUnanswered = (error: Error | null | undefined): boolean =>
  findErrorBy(error, 'message', 'Request timed out') !== null;
