import { ConnectionPool, type ConnectionOptions } from '@platformatic/kafka';

/**
 * Connections for long polls, one for each running fetch. A broker answers the requests of a
 * connection in order, so a poll that waits for records would delay the next poll or a heartbeat.
 * When all connections are in use, a fetch waits for a free one.
 */
export class FetchLanes {
  readonly #clientId: string;
  readonly #options: ConnectionOptions;
  readonly #fetchConnectionsMax: number;
  readonly #all: ConnectionPool[] = [];
  readonly #free: ConnectionPool[] = [];
  readonly #waiting: Array<(lane: ConnectionPool) => void> = [];

  constructor(clientId: string, options: ConnectionOptions, fetchConnectionsMax: number) {
    this.#clientId = clientId;
    this.#options = options;
    this.#fetchConnectionsMax = fetchConnectionsMax;
  }

  async use<Result>(work: (lane: ConnectionPool) => Promise<Result>): Promise<Result> {
    const lane = await this.#take();
    try {
      return await work(lane);
    } finally {
      this.#giveBack(lane);
    }
  }

  /** Closes the connections, so that waiting polls fail. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((lane) => lane.close()));
  }

  #take(): Promise<ConnectionPool> | ConnectionPool {
    const free = this.#free.pop();
    if (free) return free;
    if (this.#all.length >= this.#fetchConnectionsMax)
      return new Promise((resolve) => this.#waiting.push(resolve));
    const lane = new ConnectionPool(this.#clientId, this.#options);
    this.#all.push(lane);
    return lane;
  }

  #giveBack(lane: ConnectionPool): void {
    const next = this.#waiting.shift();
    if (next) next(lane);
    else this.#free.push(lane);
  }
}
