import type { ClientError } from '@millrace/streaming-core/client';
import type { SentRecord } from './check-records.ts';
import { connectSingleTry } from './single-try-producer.ts';

/** Errors of the protocol after which nothing was written. */
const refusals: ReadonlySet<string> = new Set([
  'NOT_ENOUGH_REPLICAS',
  'NOT_LEADER_OR_FOLLOWER',
  'LEADER_NOT_AVAILABLE',
]);

export interface Attempted {
  readonly record: SentRecord;
  /** The broker's reason for the refusal, if it gave one. */
  readonly error?: string;
}

/** Sends one record with acks=all and without retries. */
export async function writeOnce(
  bootstrapServers: readonly string[],
  topic: string,
  partition: number,
  value: string,
): Promise<Attempted> {
  const producer = connectSingleTry(bootstrapServers, 'once', 'all');
  const record = { value, session: value, partition };
  try {
    const [written] = await producer.send([{ topic, key: null, value, partition }]);
    return { record: { ...record, outcome: 'acknowledged', offset: written?.offset ?? -1n } };
  } catch (error) {
    const { errorName = '', message } = error as ClientError;
    return {
      record: { ...record, outcome: refusals.has(errorName) ? 'refused' : 'unknown' },
      error: errorName || message,
    };
  } finally {
    await producer.close();
  }
}
