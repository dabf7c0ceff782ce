import { describe, expect, it } from '@jest/globals';
import { isUuidV7, uuidV7TimeMs } from '@millrace/streaming-core/contract';
import { v4, v7 } from 'uuid';
import { messageIdOf } from './publish-events.ts';

const eventId = '019abcde-f012-7345-8678-9abcdef01234';
const first = { name: 'order-events OrderCompleted', number: 0 };

describe('M20 messageIdOf', () => {
  it('returns a UUIDv7 with the time of the event', () => {
    for (const event of Array.from({ length: 200 }, () => v7())) {
      const id = messageIdOf(event, first);
      expect(isUuidV7(id)).toBe(true);
      expect(uuidV7TimeMs(id)).toBe(uuidV7TimeMs(event));
    }
  });

  it('returns the same id every time, in every release, whatever the case of the event id', () => {
    expect(messageIdOf(eventId, first)).toBe('019abcde-f012-7c6a-9f3f-5f32b9ae99fe');
    expect(messageIdOf(eventId.toUpperCase(), first)).toBe(messageIdOf(eventId, first));
  });

  it('returns different ids for the messages of one event and for events of the same millisecond', () => {
    const ids = [
      eventId,
      messageIdOf(eventId, first),
      messageIdOf(eventId, { ...first, number: 1 }),
      messageIdOf(eventId, { name: 'notification-commands SendOrderMail', number: 0 }),
      messageIdOf(`${eventId.slice(0, -1)}5`, first),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('returns ten thousand ids for ten thousand events of one millisecond', () => {
    const events = Array.from(
      { length: 10_000 },
      (_, index) => `019abcde-f012-7345-8678-${index.toString(16).padStart(12, '0')}`,
    );
    expect(new Set(events.map((event) => messageIdOf(event, first))).size).toBe(events.length);
  });

  it('rejects an event id that is not a UUIDv7 and names the remedy', () => {
    expect(() => messageIdOf(v4(), first)).toThrow(/not a UUIDv7.*make `newId` return one/);
  });
});
