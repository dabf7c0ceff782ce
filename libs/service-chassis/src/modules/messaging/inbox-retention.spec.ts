import { describe, expect, it } from '@jest/globals';
import type { TopicDeclaration } from '@millrace/streaming-core/contract';
import { days } from '@millrace/streaming-core/runtime';
import { inboxRetentionMs } from './inbox-retention.ts';

const topic = (name: string, retention: TopicDeclaration['retention']): TopicDeclaration => ({
  name,
  key: 'id',
  partitions: 1,
  retention,
  cleanup: 'delete',
});

describe('the retention of an inbox', () => {
  it('is the value of the setting if that covers every topic and its dead letters', () => {
    const topics = [topic('orders', days(7)), topic('facts', 'unlimited')];
    expect(inboxRetentionMs(30, topics)).toBe(days(30));
    expect(inboxRetentionMs(31, topics)).toBe(days(31));
  });

  it('M30 must cover the retention of dead letters', () => {
    expect(() => inboxRetentionMs(29, [topic('facts', 'unlimited')])).toThrow(
      expect.objectContaining({
        code: 'inbox_retention_too_short',
        message:
          'INBOX_RETENTION_DAYS=29 is too short: facts.dlq keeps a message for 30 days. Set it to 30 or more',
      }),
    );
  });

  it('M30 must cover the retention of a topic and the time in which an outbox may publish a message again', () => {
    const topics = [topic('orders', days(40)), topic('bills', days(35))];
    expect(inboxRetentionMs(42, topics)).toBe(days(42));
    expect(() => inboxRetentionMs(41, topics)).toThrow(
      'INBOX_RETENTION_DAYS=41 is too short: orders keeps a message for 40 days, and its sender may publish it again within 2 days. Set it to 42 or more',
    );
  });

  it('has no minimum for a service that reads no topics', () => {
    expect(inboxRetentionMs(1, [])).toBe(days(1));
  });
});
