import { describe, expect, it } from '@jest/globals';
import { toRecordedEvent, toStoredFields } from './stored-event.ts';

const bytesMax = 100;

describe('an event on its way to the table', () => {
  it('is split into its personal fields and the others', () => {
    const event = { type: 'OrderCreated', orderId: 'o1', personal: { name: 'Ada' } };

    expect(toStoredFields(event, bytesMax)).toEqual({ data: '{"orderId":"o1"}', personal: '{"name":"Ada"}' });
    expect(toStoredFields({ type: 'Rested' }, bytesMax)).toEqual({ data: '{}', personal: null });
  });

  it('may have only a limited number of UTF-8 bytes, both parts together', () => {
    const sized = (data: string, personal: string) => ({ type: 'Sized', data, personal: { personal } });
    const overhead = '{"data":""}{"personal":""}'.length;

    expect(() =>
      toStoredFields(sized('é'.repeat(20), 'x'.repeat(bytesMax - overhead - 40)), bytesMax),
    ).not.toThrow();
    expect(() =>
      toStoredFields(sized('é'.repeat(20), 'x'.repeat(bytesMax - overhead - 39)), bytesMax),
    ).toThrow('Sized has 101 bytes, at most 100');
  });

  it.each(['\0', 'a\0', '\\\0', '\ud83d', '\ude42x', '\\\\\udfff'])(
    'is rejected if it has text that jsonb cannot store: %j',
    (text) => {
      expect(() => toStoredFields({ type: 'Noted', text } as { type: string }, bytesMax)).toThrow(
        'NUL or half a surrogate pair',
      );
      expect(() => toStoredFields({ type: 'Noted', personal: { text } }, bytesMax)).toThrow(
        'NUL or half a surrogate pair',
      );
    },
  );

  it.each(['\\u0000', '\\\\u0000', '\\ud83d', '🙂', 'u0000', '\n\u001f'])(
    'is accepted if its text only looks like that: %j',
    (text) => {
      expect(() => toStoredFields({ type: 'Noted', text } as { type: string }, bytesMax)).not.toThrow();
    },
  );
});

describe('an event row', () => {
  it('is converted back into the event, with bigints in place of the strings that the driver returns', () => {
    const row = {
      id: 'id',
      version: '9007199254740993',
      type: 'OrderCreated',
      schema_version: 1,
      data: { orderId: 'o1' },
      personal: { name: 'Ada' },
      metadata: { correlationId: 'story', causationId: 'request' },
      recorded_at: new Date(0),
    };

    expect(toRecordedEvent('order-o1', row)).toMatchObject({
      stream: 'order-o1',
      version: 9007199254740993n,
      event: { type: 'OrderCreated', orderId: 'o1', personal: { name: 'Ada' } },
    });
    expect(toRecordedEvent('order-o1', { ...row, personal: null }).event).toEqual({
      type: 'OrderCreated',
      orderId: 'o1',
    });
  });
});
