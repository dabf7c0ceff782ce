import { FetchSession } from './fetch-session.ts';

/** The lane of a connection, and the fetch session of its requests. */
export interface FetchLane {
  readonly name: string;
  readonly session: FetchSession;
}

/**
 * The lanes to one broker for long polls, one for each running fetch. A broker answers the requests
 * of a connection in order, so a poll that waits for records would delay the next poll. When all
 * lanes are in use, a fetch waits for a free one.
 */
export class FetchLanes {
  readonly #lanesMax: number;
  #opened = 0;
  readonly #free: FetchLane[] = [];
  readonly #waiting: Array<(lane: FetchLane) => void> = [];

  constructor(lanesMax: number) {
    this.#lanesMax = lanesMax;
  }

  async use<Result>(work: (lane: FetchLane) => Promise<Result>): Promise<Result> {
    const lane = await this.#take();
    try {
      return await work(lane);
    } finally {
      this.#giveBack(lane);
    }
  }

  #take(): Promise<FetchLane> | FetchLane {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#opened >= this.#lanesMax) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#opened += 1;
    return { name: `fetch-${this.#opened}`, session: new FetchSession() };
  }

  #giveBack(lane: FetchLane): void {
    const next = this.#waiting.shift();
    if (next) next(lane);
    else this.#free.push(lane);
  }
}
