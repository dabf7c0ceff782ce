import type { FetchRequest, FetchResponse } from '../../protocol/apis/fetch.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import type { FetchPlan, WaitsFor } from './fetch-plan.ts';

type AnsweredTopics = FetchResponse['responses'];

export interface LongPollOptions {
  /** Whether the answer includes partitions without news. */
  readonly everything: boolean;
  readonly services: BrokerServices;
}

/**
 * One Fetch request. It is answered as soon as there is enough data or an error, the time is up, or
 * the signal aborts. The logs wake it; it never polls.
 *
 * If there is nothing to answer with when the time is up, the answer waits for a sync in progress.
 * So no reader is told that the log ends before records that were acknowledged before its request.
 */
export class LongPoll {
  readonly #plan: FetchPlan;
  readonly #request: FetchRequest;
  readonly #options: LongPollOptions;

  constructor(plan: FetchPlan, request: FetchRequest, options: LongPollOptions) {
    this.#plan = plan;
    this.#request = request;
    this.#options = options;
  }

  result(signal: AbortSignal): AnsweredTopics | Promise<AnsweredTopics> {
    this.#plan.serve(undefined);
    return (
      this.#attempt(signal.aborted ? 'nothing' : this.#request.maxWaitMs > 0 ? 'enough' : 'sync') ??
      this.#park(signal)
    );
  }

  #park(signal: AbortSignal): Promise<AnsweredTopics> {
    const { clock, limits } = this.#options.services;
    let waitsFor: WaitsFor = 'enough';
    return new Promise((resolve, reject) => {
      const onTakenOver = () => {
        cleanUp();
        reject(
          new ProtocolError(
            'INVALID_FETCH_SESSION_EPOCH',
            'a later request of the same fetch session has replaced this one',
          ),
        );
      };
      const cleanUp = () => {
        stopTimer();
        signal.removeEventListener('abort', end);
      };
      const finish = () => {
        cleanUp();
        this.#plan.release(poll);
      };
      const attempt = () => {
        try {
          const topics = this.#attempt(waitsFor);
          if (topics === undefined) return;
          finish();
          resolve(topics);
        } catch (error) {
          finish();
          reject(error as Error);
        }
      };
      const attemptWith = (patience: WaitsFor) => () => {
        waitsFor = patience;
        attempt();
      };
      const end = attemptWith('nothing');
      signal.addEventListener('abort', end, { once: true });
      const stopTimer = clock.after(
        Math.min(Math.max(this.#request.maxWaitMs, 0), limits.fetchWaitMsMax),
        attemptWith('sync'),
      );
      const poll = { onDue: attempt, onTakenOver };
      this.#plan.serve(poll);
    });
  }

  #attempt(waitsFor: WaitsFor): AnsweredTopics | undefined {
    return this.#plan.attempt(this.#request, { waitsFor, everything: this.#options.everything });
  }
}
