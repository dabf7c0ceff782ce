import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { RequestReport } from './connection/broker-connection.ts';

const channel = 'millrace.client.request';

/** Returns the requests of these APIs that were sent during `work`, in order, as `EndTxn v5`. */
export async function seenRequests(
  apis: ReadonlyArray<{ readonly key: number; readonly name: string }>,
  work: () => Promise<unknown>,
): Promise<readonly string[]> {
  const seen: string[] = [];
  const onSent = (message: unknown) => {
    const { apiKey, apiVersion } = message as RequestReport;
    const api = apis.find(({ key }) => key === apiKey);
    if (api) seen.push(`${api.name} v${apiVersion}`);
  };
  subscribe(channel, onSent);
  await work().finally(() => unsubscribe(channel, onSent));
  return seen;
}

export const countRequests = async (key: number, work: () => Promise<unknown>): Promise<number> =>
  (await seenRequests([{ key, name: '' }], work)).length;
