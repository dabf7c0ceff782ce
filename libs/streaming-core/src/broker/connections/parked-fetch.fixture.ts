import { fetch } from '../../protocol/apis/fetch.ts';
import type { WireClient } from '../../protocol/testing/wire-client.ts';

/** A fetch that waits for a record for up to a minute. */
export const parkedFetch = (
  client: WireClient,
  topic: string,
  forgottenTopicsData: { topic: string; partitions: number[] }[] = [],
) =>
  client.send(fetch, 12, {
    maxWaitMs: 60_000,
    minBytes: 1,
    forgottenTopicsData,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000 }] }],
  });
