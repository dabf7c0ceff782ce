import type { DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../client-error.ts';
import { addressName, type BrokerAddress } from './broker-address.ts';
import type { BrokerConnection } from './broker-connection.ts';
import { RequestTimedOut } from './connection-errors.ts';
import { openConnection, type OpeningSettings } from './open-connection.ts';

/** How long a broker that did not answer is asked last. */
const silenceMs: DurationMs = 30_000;

/**
 * The connections of a client, which are opened when needed. Requests that must not wait for each
 * other use different lanes, because a broker answers the requests of a connection in order.
 */
export class BrokerPool {
  readonly #settings: OpeningSettings;
  readonly #connections = new Map<string, Promise<BrokerConnection>>();
  readonly #silentUntil = new Map<string, number>();
  #closed = false;

  constructor(settings: OpeningSettings) {
    this.#settings = settings;
  }

  /** Rejects with `closed` after `close`, and with the reason if the broker cannot be reached. */
  get(address: BrokerAddress, lane = 'shared'): Promise<BrokerConnection> {
    if (this.#closed) return Promise.reject(closed());
    const name = `${addressName(address)} ${lane}`;
    const known = this.#connections.get(name);
    if (known) return known;
    const opening = this.#open(name, address);
    this.#connections.set(name, opening);
    return opening;
  }

  /**
   * Connects to the first of these brokers that answers. Brokers that have just failed to answer
   * are tried last, because one that hangs still accepts connections.
   */
  async anyOf(addresses: readonly BrokerAddress[], lane?: string): Promise<BrokerConnection> {
    const failures: unknown[] = [];
    for (const address of this.#silentLast(addresses))
      try {
        return await this.get(address, lane);
      } catch (error) {
        failures.push(error);
        if (this.#closed) break;
      }
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, 'no broker can be reached');
  }

  /** Closes the connections to other brokers than these. Requests in flight finish first. */
  keepOnly(addresses: readonly BrokerAddress[]): void {
    const kept = new Set(addresses.map(addressName));
    for (const [name, opening] of this.#connections)
      if (!kept.has(name.slice(0, name.indexOf(' ')))) this.#drop(name, opening, (one) => one.retire());
  }

  /** Drops the connections of a lane together with their pending requests. */
  closeLane(lane: string): void {
    for (const [name, opening] of this.#connections)
      if (name.endsWith(` ${lane}`)) this.#drop(name, opening, (one) => one.close());
  }

  /** Drops every connection together with its pending requests. */
  discard(): void {
    for (const [name, opening] of this.#connections) this.#drop(name, opening, (one) => one.close());
  }

  close(): void {
    this.#closed = true;
    this.discard();
  }

  #open(name: string, address: BrokerAddress): Promise<BrokerConnection> {
    const opening: Promise<BrokerConnection> = openConnection(address, this.#settings, () =>
      this.#drop(name, opening, (one) => one.retire()),
    );
    opening
      .then((connection) => {
        this.#silentUntil.delete(addressName(address));
        return connection.ended;
      })
      .catch((error: unknown) => error)
      .then((reason) => {
        if (reason instanceof RequestTimedOut) this.#passOver(address);
        if (this.#connections.get(name) === opening) this.#connections.delete(name);
      });
    return opening;
  }

  #drop(name: string, opening: Promise<BrokerConnection>, end: (connection: BrokerConnection) => void): void {
    if (this.#connections.get(name) === opening) this.#connections.delete(name);
    opening.then(end, () => undefined);
  }

  #passOver(address: BrokerAddress): void {
    const { clock } = this.#settings;
    for (const [name, until] of this.#silentUntil)
      if (until <= clock.monotonic()) this.#silentUntil.delete(name);
    this.#silentUntil.set(addressName(address), clock.monotonic() + silenceMs);
  }

  #silentLast(addresses: readonly BrokerAddress[]): readonly BrokerAddress[] {
    const now = this.#settings.clock.monotonic();
    const silent = (address: BrokerAddress) => (this.#silentUntil.get(addressName(address)) ?? 0) > now;
    return [...addresses.filter((one) => !silent(one)), ...addresses.filter(silent)];
  }
}

const closed = () => new ClientError('closed', 'the client is closed');
