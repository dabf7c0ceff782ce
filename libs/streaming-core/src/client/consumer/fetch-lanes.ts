import { ConnectionPool, type ConnectionOptions } from '@platformatic/kafka';

/**
 * Connections for long polls, one for each fetch that runs: a broker answers a connection's requests in turn, so a poll that waits for records
 * would hold up the next one, or a heartbeat. Beyond the limit a fetch waits for a free lane.
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

  /** Ends the polls that wait: their fetches fail. */
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
