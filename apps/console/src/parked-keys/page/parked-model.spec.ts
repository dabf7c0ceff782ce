import { describe, expect, it } from '@jest/globals';
import type { ParkedKey } from '../../api/lists.ts';
import { whatHappensNext } from './parked-model.ts';

const now = Date.parse('2026-11-22T09:00:00Z');
const parked = (changes: Partial<ParkedKey> = {}): ParkedKey => ({
  service: 'inventory',
  position: '17',
  group: 'inventory',
  topic: 'commands',
  partition: 2,
  offset: '44',
  key: 'order-1',
  type: 'Reserve',
  messageId: 'm-1',
  messages: 1,
  attempts: 7,
  parkedAt: '2026-11-22T08:59:00Z',
  retryAt: '2026-11-22T09:00:20Z',
  lastError: 'why',
  ...changes,
});

describe('what happens next to a parked key', () => {
  it('is another attempt, and a pause if that fails', () => {
    expect(whatHappensNext(parked(), now)).toBe(
      'It is tried again in 20 s. If it fails, it waits for its next pause.',
    );
  });

  it('is an attempt within seconds once it is due', () => {
    const due = parked({ retryAt: '1970-01-01T00:00:00Z' });
    expect(whatHappensNext(due, now)).toContain('tried again within seconds');
  });

  it('is the last attempt once an operator has given it up', () => {
    expect(whatHappensNext(parked({ parkedAt: null }), now)).toContain(
      'its last attempt is due in 20 s. If it fails, the message becomes a dead letter, and the key goes on.',
    );
  });

  it('names the messages that wait behind it', () => {
    expect(whatHappensNext(parked({ messages: 2 }), now)).toContain(
      'One other message of this key waits behind it.',
    );
    expect(whatHappensNext(parked({ messages: 4 }), now)).toContain(
      '3 other messages of this key wait behind',
    );
  });
});
