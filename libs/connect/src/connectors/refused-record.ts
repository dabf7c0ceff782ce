import { ConnectError } from '../plugin/connect-error.ts';
import type { SinkContext } from '../plugin/task.ts';
import type { SinkRecord } from '../record/records.ts';

/** The record is at fault, so that no repetition can write it. */
export class RecordError extends Error {
  override name = 'RecordError';
}

/**
 * Hands a record that cannot be written to the dead letters. Without them it fails the task, with an
 * error that says where the record stands, so that it is never skipped in silence.
 */
export function refuseRecord(context: SinkContext, record: SinkRecord, fault: Error): void {
  const { topic, partition, offset } = record.origin;
  const error = new ConnectError(
    `the record at offset ${offset} of partition ${partition} of topic ${topic} cannot be written: ${fault.message}`,
    { cause: fault },
  );
  if (context.reject === undefined)
    throw new ConnectError(
      `${error.message}. To go on without such records, set errors.tolerance to all and name a topic in errors.deadletterqueue.topic.name`,
      { cause: fault },
    );
  context.reject(record, error);
}
