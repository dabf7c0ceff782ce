import { topics } from '@millrace/contracts';
import { days } from '@millrace/streaming-core/runtime';

/** How many days' worth of a table or topic is there at the most; undefined: it grows for ever. */
export function daysKept(name: string): number | undefined {
  if (Object.hasOwn(tableDays, name)) return tableDays[name];
  const declared = topics.find((topic) => topic.name === name);
  if (declared === undefined || declared.retention === 'unlimited') return undefined;
  return declared.retention / days(1);
}

/** A day is dropped once it is over as a whole, so one more than the retention. Those with 0 hold only what is under way. */
const tableDays: Readonly<Record<string, number>> = {
  outbox: 2 + 1,
  inbox: 31 + 1,
  idempotency_key: 1,
  external_call: 0,
  saga_timer: 0,
};
