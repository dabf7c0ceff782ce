import { fetch, type FetchResponse } from '../../protocol/apis/fetch.ts';
import { nodeId, type BrokerServices } from '../broker-services.ts';
import { FetchSessions, type FetchSession } from '../fetch-sessions.ts';
import { LongPoll } from '../long-poll.ts';
import { serve } from '../served-api.ts';

const noSession = 0;

/** Fetch (F1-F13, S1-S5). Waits for `minBytes`, at most `maxWaitMs`, and wakes when the high watermark of a partition moves. */
export const fetchHandler = (services: BrokerServices) => {
  const sessions = new FetchSessions(services);
  return serve(
    fetch,
    async (request, { apiVersion, signal }) => {
      const { plan, session, wantsSession } = sessions.begin(request, apiVersion);
      let kept: FetchSession | undefined;
      try {
        const responses = await new LongPoll(plan, request, { everything: session === undefined, services }).result(signal);
        countBytes(responses, services);
        if (wantsSession && !signal.aborted) kept = sessions.keep(plan, apiVersion);
        return { sessionId: (session ?? kept)?.id ?? noSession, responses, nodeEndpoints: leadersIn(responses, services) };
      } finally {
        if (session === undefined && kept === undefined) plan.close();
      }
    },
    { refuse: (errorCode) => ({ errorCode, sessionId: noSession, responses: [] }) },
  );
};

function countBytes(responses: FetchResponse['responses'], { logs, traffic }: BrokerServices): void {
  for (const { topic = '', topicId = '', partitions } of responses) {
    const name = topic === '' ? logs.topicById(topicId)?.name : topic;
    const bytes = partitions.reduce((sum, { records }) => sum + (records?.length ?? 0), 0);
    if (name !== undefined) traffic.fetched(name, bytes);
  }
}

/** Where the leaders that partitions hint at are reached (KIP-951). */
const leadersIn = (responses: FetchResponse['responses'], { advertised }: BrokerServices) =>
  responses.some(({ partitions }) => partitions.some(({ currentLeader }) => currentLeader !== undefined))
    ? [{ nodeId, ...advertised }]
    : [];
