import { BlockedError } from '@millrace/streaming-core/consumer';
import { isSealed, type Holder, type SealedValue } from '@millrace/streaming-core/personal';
import type { DomainEvent } from './decider.ts';
import { EventStoreError } from './errors.ts';

/** The person whose data an event holds, or undefined for an event that is stored as it is. */
export const subjectOf = ({ personal }: DomainEvent): string | undefined =>
  personal !== undefined && 'subject' in personal ? personal.subject : undefined;

/** The sealed personal part of an event as it is stored. */
export const sealedPartOf = ({ personal }: DomainEvent): SealedValue | undefined =>
  isSealed(personal) ? personal : undefined;

/**
 * Throws `keys_missing` if a store without keys meets an event that needs one. It is caused by a
 * `BlockedError`: a process with keys can handle the event, so no message becomes a dead letter.
 */
export function required(holder: Holder | undefined, { type }: DomainEvent): Holder {
  if (holder !== undefined) return holder;
  const problem = `the personal part of ${type} needs a key, but the event store has none: give it a \`holder\``;
  throw new EventStoreError('keys_missing', problem, { cause: new BlockedError(problem) });
}
