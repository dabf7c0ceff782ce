import { ConnectError } from '../plugin/connect-error.ts';
import type { SinkContext } from '../plugin/task.ts';
import type { SinkRecord } from '../record/records.ts';

/** The record is at fault, so that no repetition can write it. */
export class RecordError extends Error {
  override name = 'RecordError';
}

/**
 * Hands a record that cannot be written to the dead letters, and resolves once it is there. Without
 * dead letters it rejects and so fails the task, with an error that says where the record stands.
 * Called before the sink's own offsets move, so that no record is skipped in silence.
 */
export async function refuseRecord(context: SinkContext, record: SinkRecord, fault: Error): Promise<void> {
  const { topic, partition, offset } = record.origin;
  const message = `the record at offset ${offset} of partition ${partition} of topic ${topic} cannot be written: ${fault.message}`;
  if (context.reject === undefined)
    throw new ConnectError(
      `${message}. To go on without such records, set errors.tolerance to all and name a topic in errors.deadletterqueue.topic.name`,
      { cause: fault },
    );
  await context.reject(record, new ConnectError(message, { cause: fault }));
}
