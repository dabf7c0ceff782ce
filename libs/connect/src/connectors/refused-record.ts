import { ConnectError } from '../plugin/connect-error.ts';
import type { SinkContext } from '../plugin/task.ts';
import type { SinkRecord } from '../record/records.ts';

/** The sink can never write this record, because the record itself is at fault. */
export class RecordError extends Error {
  override name = 'RecordError';
}

/**
 * Tells whether the record is at fault. The conversion of a value throws a RangeError for a number out of
 * range, and a SyntaxError for invalid JSON.
 */
export const isFaultOfRecord = (fault: unknown): fault is Error =>
  [RecordError, RangeError, SyntaxError].some((kind) => fault instanceof kind);

/**
 * Sends a record that the sink cannot write to the dead letters, and resolves once it is there. If there are
 * no dead letters, it rejects with an error that says where the record is, and so fails the task. The sink
 * calls it before it moves its own offsets, so it skips no record silently.
 */
export async function refuseRecord(context: SinkContext, record: SinkRecord, fault: Error): Promise<void> {
  const { topic, partition, offset } = record.origin;
  const message =
    `the record at offset ${offset} of partition ${partition} of topic ${topic} cannot be ` +
    `written: ${fault.message}`;
  if (context.reject === undefined)
    throw new ConnectError(
      `${message}. To go on without such records, set errors.tolerance to all and name a topic in ` +
        'errors.deadletterqueue.topic.name',
      { cause: fault },
    );
  await context.reject(record, new ConnectError(message, { cause: fault }));
}
