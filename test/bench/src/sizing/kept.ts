import { topics } from '@millrace/contracts';
import { days } from '@millrace/streaming-core/runtime';

/**
 * The largest number of days for which a table or topic keeps its data. Undefined means that it
 * grows for ever.
 */
export function daysKept(name: string): number | undefined {
  if (Object.hasOwn(tableDays, name)) return tableDays[name];
  const declared = topics.find((topic) => topic.name === name);
  if (declared === undefined || declared.retention === 'unlimited') return undefined;
  return declared.retention / days(1);
}

/**
 * A day is dropped once the whole of it is past its retention, hence one day more than the
 * retention. Tables with 0 contain only unfinished work.
 */
const tableDays: Readonly<Record<string, number>> = {
  outbox: 2 + 1,
  inbox: 31 + 1,
  idempotency_key: 1,
  external_call: 0,
  saga_timer: 0,
};
