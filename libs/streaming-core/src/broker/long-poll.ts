import type { FetchRequest, FetchResponse } from '../protocol/apis/fetch.ts';
import type { BrokerServices } from './broker-services.ts';
import { readPartitions } from './partition-reads.ts';

export interface LongPollOptions {
  readonly apiVersion: number;
  readonly services: BrokerServices;
}

/** One Fetch: answered as soon as there is enough, an error, the time is up, or the signal aborts; woken by the logs, never polling (F1, F2). */
export class LongPoll {
  readonly #request: FetchRequest;
  readonly #options: LongPollOptions;

  constructor(request: FetchRequest, options: LongPollOptions) {
    this.#request = request;
    this.#options = options;
  }

  result(signal: AbortSignal): FetchResponse | Promise<FetchResponse> {
    const first = this.#read();
    if (first.enough || this.#request.maxWaitMs <= 0 || signal.aborted) return first.response;
    return this.#park(signal);
  }

  #park(signal: AbortSignal): Promise<FetchResponse> {
    const { clock, limits } = this.#options.services;
    return new Promise((resolve, reject) => {
      const stops: Array<() => void> = [];
      const finish = () => {
        for (const stop of stops) stop();
        signal.removeEventListener('abort', end);
      };
      const attempt = (last: boolean) => {
        try {
          const { enough, response } = this.#read();
          if (!enough && !last) return;
          finish();
          resolve(response);
        } catch (error) {
          finish();
          reject(error as Error);
        }
      };
      const end = () => attempt(true);
      signal.addEventListener('abort', end, { once: true });
      stops.push(clock.after(Math.min(this.#request.maxWaitMs, limits.fetchWaitMsMax), end));
      stops.push(...this.#watch(() => attempt(false)));
    });
  }

  #watch(wake: () => void): ReadonlyArray<() => void> {
    const { logs } = this.#options.services;
    return this.#request.topics.flatMap(({ topic, topicId, partitions }) => {
      const name = this.#options.apiVersion >= 13 ? logs.topicById(topicId)?.name : topic;
      if (name === undefined) return [];
      return partitions.flatMap(({ partition }) => logs.partition(name, partition)?.watch(wake) ?? []);
    });
  }

  #read() {
    const { apiVersion, services } = this.#options;
    return readPartitions(this.#request, {
      apiVersion,
      logs: services.logs,
      bytesMax: services.limits.fetchBytesMax,
      logger: services.logger,
    });
  }
}
