import type { DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../errors/client-error.ts';
import { addressName, type BrokerAddress } from './broker-address.ts';
import type { BrokerConnection } from './broker-connection.ts';
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
  /** Connections that take no more requests but may have pending ones, with their names. */
  readonly #retiring = new Map<BrokerConnection, string>();
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
    this.#retire((broker) => !kept.has(broker));
  }

  /** Drops the connections of a lane together with their pending requests. */
  closeLane(lane: string): void {
    this.#end((name) => name.endsWith(` ${lane}`));
  }

  /** Drops every connection together with its pending requests. */
  discard(): void {
    this.#end(() => true);
  }

  close(): void {
    this.#closed = true;
    this.discard();
  }

  #open(name: string, address: BrokerAddress): Promise<BrokerConnection> {
    const opening: Promise<BrokerConnection> = openConnection(address, this.#settings, {
      onExpiring: () => this.#retireOne(name, opening),
      onSilence: () => this.#distrust(address),
    });
    opening
      .then((connection) => {
        this.#silentUntil.delete(addressName(address));
        return connection.ended;
      })
      .catch(() => undefined)
      .then(() => {
        if (this.#connections.get(name) === opening) this.#connections.delete(name);
      });
    return opening;
  }

  /**
   * Stops using all connections to a broker that has left a request without an answer. If the
   * network drops their packets, TCP notices it only after a quarter of an hour, and each new request
   * would wait for its whole time limit. Requests that are pending may still be answered.
   */
  #distrust(address: BrokerAddress): void {
    const { clock } = this.#settings;
    const silent = addressName(address);
    for (const [broker, until] of this.#silentUntil)
      if (until <= clock.monotonic()) this.#silentUntil.delete(broker);
    this.#silentUntil.set(silent, clock.monotonic() + silenceMs);
    this.#retire((broker) => broker === silent);
  }

  /** Retires the connections to brokers whose `host:port` is selected. */
  #retire(isSelected: (broker: string) => boolean): void {
    for (const [name, opening] of this.#connections)
      if (isSelected(name.slice(0, name.indexOf(' ')))) this.#retireOne(name, opening);
  }

  /** A caller that already waits for a connection to open still gets to use it. */
  #retireOne(name: string, opening: Promise<BrokerConnection>): void {
    if (this.#connections.get(name) === opening) this.#connections.delete(name);
    opening.then(
      (connection) => {
        this.#retiring.set(connection, name);
        void connection.ended.then(() => this.#retiring.delete(connection));
        if (this.#closed) connection.close();
        else connection.retire();
      },
      () => undefined,
    );
  }

  #end(isSelected: (name: string) => boolean): void {
    for (const [name, opening] of this.#connections) {
      if (!isSelected(name)) continue;
      this.#connections.delete(name);
      opening.then(
        (connection) => connection.close(),
        () => undefined,
      );
    }
    for (const [connection, name] of this.#retiring) if (isSelected(name)) connection.close();
  }

  #silentLast(addresses: readonly BrokerAddress[]): readonly BrokerAddress[] {
    const now = this.#settings.clock.monotonic();
    const silent = (address: BrokerAddress) => (this.#silentUntil.get(addressName(address)) ?? 0) > now;
    return [...addresses.filter((one) => !silent(one)), ...addresses.filter(silent)];
  }
}

const closed = () => new ClientError('closed', 'the client is closed');
