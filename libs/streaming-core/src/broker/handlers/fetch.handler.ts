import { fetch, type FetchRequest, type FetchResponse } from '../../protocol/apis/fetch.ts';
import { errorCodes, type ErrorCode } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { FetchSessions, type FetchSession } from '../fetch/fetch-sessions.ts';
import { checkIsolation } from '../fetch/isolation.ts';
import { LongPoll } from '../fetch/long-poll.ts';
import { serve } from '../served-api.ts';

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
