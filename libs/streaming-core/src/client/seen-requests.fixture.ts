import { subscribe, unsubscribe } from 'node:diagnostics_channel';

interface Sent {
  readonly apiKey: number;
  readonly apiVersion: number;
}

/** The diagnostics channel on which the library reports every request of every connection. */
const channel = 'tracing:plt:kafka:connections:api:start';

/** Returns the requests of these APIs that were sent during `work`, in order, as `EndTxn v5`. */
export async function seenRequests(
  apis: ReadonlyArray<{ readonly key: number; readonly name: string }>,
  work: () => Promise<unknown>,
): Promise<readonly string[]> {
  const seen: string[] = [];
  const onSent = (message: unknown) => {
    const { apiKey, apiVersion } = message as Sent;
    const api = apis.find(({ key }) => key === apiKey);
    if (api) seen.push(`${api.name} v${apiVersion}`);
  };
  subscribe(channel, onSent);
  await work().finally(() => unsubscribe(channel, onSent));
  return seen;
}

export const countRequests = async (key: number, work: () => Promise<unknown>): Promise<number> =>
  (await seenRequests([{ key, name: '' }], work)).length;
