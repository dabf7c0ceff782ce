import { fetch } from '../../protocol/apis/fetch.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { LongPoll } from '../long-poll.ts';
import { serve } from '../served-api.ts';

/** Session epochs of a full fetch: without a session, and asking for one (S1). */
const fullFetchEpochs = [-1, 0];

/**
 * Fetch (F1-F13). Waits for `minBytes`, at most `maxWaitMs`, and wakes when the high watermark of a partition moves. No fetch sessions
 * (S1): whoever asks for one is given session 0 and keeps sending full fetches.
 */
export const fetchHandler = (services: BrokerServices) =>
  serve(fetch, (request, { apiVersion, signal }) => {
    if (request.sessionId !== 0 || !fullFetchEpochs.includes(request.sessionEpoch))
      return { errorCode: errorCodes.FETCH_SESSION_ID_NOT_FOUND, responses: [] };
    const poll = new LongPoll(request, { apiVersion, services });
    return poll.result(signal);
  });
