import { describe, expect, it } from '@jest/globals';
import { outboxMessage } from './publish-events.ts';

describe('a published message', () => {
  it('carries the correlation, the causation and the saga of its event, but not the actor', () => {
    const story = { correlationId: 'story', causationId: 'request', saga: 'trip' };
    const metadata = { ...story, actor: 'ada@example.org' };
    const messageType = { topic: { name: 'things' }, type: 'Noted', version: 1 } as never;
    const { attributes } = outboxMessage(
      { messageType, key: '7', message: { type: 'Noted' } },
      { id: '019c0000-0000-7000-8000-000000000001', source: '/test', time: new Date(0), metadata },
    );

    expect(attributes).toMatchObject(story);
    expect(JSON.stringify(attributes)).not.toContain('ada@example.org');
  });

  it('takes the fields to seal from its declaration', () => {
    const personal = { holder: 'carrier', subject: 'personId', fields: ['name'] };
    const messageType = { topic: { name: 'things' }, type: 'Noted', version: 1, personal } as never;

    const message = outboxMessage(
      { messageType, key: '7', message: { type: 'Noted' } },
      {
        id: '019c0000-0000-7000-8000-000000000001',
        source: '/test',
        time: new Date(0),
        metadata: { correlationId: 'story', causationId: 'request' },
      },
    );

    expect(message.personal).toBe(personal);
  });
});
