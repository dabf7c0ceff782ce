import { findErrorBy, ProduceAcks, type ProtocolError } from '@platformatic/kafka';
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
  const producer = connectSingleTry(bootstrapServers, 'once');
  const record = { value, session: value, partition };
  try {
    const { offsets } = await producer.send({
      messages: [{ topic, partition, value: Buffer.from(value) }],
      acks: ProduceAcks.ALL,
    });
    return { record: { ...record, outcome: 'acknowledged', offset: offsets?.[0]?.offset ?? -1n } };
  } catch (error) {
    const id = String(
      findErrorBy<ProtocolError>(error as Error, 'code', 'PLT_KFK_PROTOCOL')?.apiId ??
        (error as Error).message,
    );
    return { record: { ...record, outcome: refusals.has(id) ? 'refused' : 'unknown' }, error: id };
  } finally {
    await producer.close(true).catch(() => undefined);
  }
}
