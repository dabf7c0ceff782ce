import type { Holder } from '@millrace/streaming-core/personal';
import type { DomainEvent } from '../decider.ts';
import { required, subjectOf } from '../personal-parts.ts';
import type { StoredFields } from './stored-event.ts';

/** Returns what is stored of an event with this id. */
export type SealPart = (id: string, event: DomainEvent, fields: StoredFields) => StoredFields;

const leavePart: SealPart = (_id, _event, fields) => fields;

/**
 * Loads the keys for events that will be appended. Sends nothing if no event names a subject, and
 * one or two statements to the database of the keys otherwise.
 */
export async function partsToSeal(
  events: readonly DomainEvent[],
  owner: Holder | undefined,
): Promise<SealPart> {
  const named = events.filter((event) => subjectOf(event) !== undefined);
  const [first] = named;
  if (first === undefined) return leavePart;
  const { personalData, name: holder } = required(owner, first);
  const subjects = new Set(named.map((event) => subjectOf(event)!));
  const keys = await personalData.keysToSeal([...subjects].map((subject) => ({ holder, subject })));
  return (id, event, fields) => {
    const subject = subjectOf(event);
    if (subject === undefined) return fields;
    return { ...fields, personal: JSON.stringify(keys.seal({ holder, subject }, id, event.personal)) };
  };
}
