import type {
  fetchV17,
  heartbeatV4,
  leaveGroupV5,
  offsetCommitV9,
  API,
  Base,
  Connection,
} from '@platformatic/kafka';
import { kGetApi } from '@platformatic/kafka';

/** The library uses the types of the newest version for every version of an API. */
export type FetchResponse = fetchV17.FetchResponse;
export type FetchResponsePartition = fetchV17.FetchResponsePartition;
export type FetchRequestTopic = fetchV17.FetchRequestTopic;

export type FetchApi = API<
  [
    maxWaitMs: number,
    minBytes: number,
    maxBytes: number,
    isolationLevel: number,
    sessionId: number,
    sessionEpoch: number,
    topics: FetchRequestTopic[],
    forgottenTopics: never[],
    rackId: string,
  ],
  FetchResponse
>;

export type OffsetCommitApi = API<
  Parameters<typeof offsetCommitV9.createRequest>,
  offsetCommitV9.OffsetCommitResponse
>;

export type LeaveGroupApi = API<
  Parameters<typeof leaveGroupV5.createRequest>,
  leaveGroupV5.LeaveGroupResponse
>;

export type HeartbeatApi = API<Parameters<typeof heartbeatV4.createRequest>, heartbeatV4.HeartbeatResponse>;

/** Resolves to the API in the newest version that both the library and the broker support. */
export function negotiatedApi(client: Base, name: 'Fetch'): Promise<FetchApi>;
export function negotiatedApi(client: Base, name: 'OffsetCommit'): Promise<OffsetCommitApi>;
export function negotiatedApi(client: Base, name: 'LeaveGroup'): Promise<LeaveGroupApi>;
export function negotiatedApi(client: Base, name: 'Heartbeat'): Promise<HeartbeatApi>;
export function negotiatedApi(client: Base, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client[kGetApi](name, (error, api) => (error ? reject(error) : resolve(api)));
  });
}

export async function connectionTo(client: Base, nodeId: number): Promise<Connection | undefined> {
  return (await client.connectToBrokers([nodeId])).get(nodeId);
}
