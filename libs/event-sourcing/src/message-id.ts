import { hash } from 'node:crypto';
import { isUuidV7 } from '@millrace/streaming-core/contract';
import { EventStoreError } from './errors.ts';

/**
 * Identifies one of the messages of an event. `name` is the topic and type of the message, and
 * `number` counts the earlier messages with the same name.
 */
export interface MessageOfEvent {
  readonly name: string;
  readonly number: number;
}

/**
 * Derives the id of a public message from its event. The result is a UUIDv7 with the event's own
 * time, so that an inbox always looks for it in the same day's partition. A hash fills the 74 bits
 * that are random in other ids. The layout follows RFC 9562, section 5.7.
 */
export function messageIdOf(eventId: string, { name, number }: MessageOfEvent): string {
  if (!isUuidV7(eventId))
    throw new EventStoreError(
      'invalid_event_id',
      `the event id "${eventId}" is not a UUIDv7, but the ids of its messages are derived from it: ` +
        `make \`newId\` return one`,
    );
  const id = eventId.toLowerCase();
  const digest = hash('sha256', `${id} ${name} ${number}`, 'buffer');
  const time = id.slice(0, 13);
  const random = digest.subarray(0, 10);
  random[0] = (random[0]! & 0x0f) | 0x70; // version 7
  random[2] = (random[2]! & 0x3f) | 0x80; // variant 10
  const hex = random.toString('hex');
  return `${time}-${hex.slice(0, 4)}-${hex.slice(4, 8)}-${hex.slice(8)}`;
}
