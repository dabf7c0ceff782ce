import { fetch, type FetchRequest, type FetchResponse } from '../../protocol/apis/fetch.ts';
import { errorCodes, type ErrorCode, ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { FetchSessions, type FetchSession } from '../fetch/fetch-sessions.ts';
import { checkIsolation } from '../fetch/partition-reads.ts';
import { serve } from '../served-api.ts';
import type { FetchPlan, WaitsFor } from '../fetch/fetch-plan.ts';

const noSession = 0;
const topicIdsSince = 13;
const nothing = { highWatermark: -1n, abortedTransactions: [], records: Buffer.alloc(0) };

/**
 * Fetch: waits for `minBytes` up to `maxWaitMs`, and after that for a sync in progress. Wakes when
 * the high watermark of a partition moves.
 */
export const fetchHandler = (services: BrokerServices) => {
  const sessions = new FetchSessions(services);
  return serve(
    fetch,
    async (request, { apiVersion, signal }) => {
      checkIsolation(request);
      const { plan, session, wantsSession } = sessions.begin(request, apiVersion);
      let kept: FetchSession | undefined;
      try {
        const responses = await new LongPoll(plan, request, {
          everything: session === undefined,
          services,
        }).result(signal);
        countBytes(responses, services);
        if (wantsSession && !signal.aborted) kept = sessions.keep(plan, apiVersion);
        return {
          sessionId: (session ?? kept)?.id ?? noSession,
          responses,
          nodeEndpoints: leadersIn(responses, services),
        };
      } finally {
        if (session === undefined && kept === undefined) plan.close();
      }
    },
    { refuse: (errorCode, _message, request, { apiVersion }) => refusal(errorCode, request, apiVersion) },
  );
};

/**
 * A request that names topics by name receives the error for each partition. A request in a session
 * has no partitions to name.
 */
function refusal(errorCode: ErrorCode, { topics }: FetchRequest, apiVersion: number): FetchResponse {
  const partitionsOf = ({ topic, partitions }: FetchRequest['topics'][number]) => ({
    topic,
    partitions: partitions.map(({ partition }) => ({ partitionIndex: partition, errorCode, ...nothing })),
  });
  const byPartition = apiVersion < topicIdsSince && errorCode === errorCodes.INVALID_REQUEST;
  return { errorCode, sessionId: noSession, responses: byPartition ? topics.map(partitionsOf) : [] };
}

function countBytes(responses: FetchResponse['responses'], { logs, traffic }: BrokerServices): void {
  for (const { topic = '', topicId = '', partitions } of responses) {
    const name = topic === '' ? logs.topicById(topicId)?.name : topic;
    const bytes = partitions.reduce((sum, { records }) => sum + (records?.length ?? 0), 0);
    if (name !== undefined) traffic.fetched(name, bytes);
  }
}

/** The addresses of the leaders that partitions refer to (KIP-951). */
const leadersIn = (responses: FetchResponse['responses'], { nodeId, advertised }: BrokerServices) =>
  responses.some(({ partitions }) => partitions.some(({ currentLeader }) => currentLeader !== undefined))
    ? [{ nodeId, ...advertised }]
    : [];

type AnsweredTopics = FetchResponse['responses'];

interface LongPollOptions {
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
class LongPoll {
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
