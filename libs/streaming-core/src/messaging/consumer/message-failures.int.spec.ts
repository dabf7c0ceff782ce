import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { TerminalError } from './consumer-error.ts';
import { other, runtimeBench, until } from './runtime.bench.ts';
import type { MessageHandler } from './message-handler.ts';

describe('with messages that cannot be handled, the consumer', () => {
  const bench = runtimeBench();
  const { handler, runtime, member, note, effects, offset, deadLetters, inboxed } = bench;

  it('skips an event without a handler, and turns an unknown command into a dead letter', async () => {
    bench.log.append('notes', { type: 'Unknown', key: 'k' });
    bench.log.append('other', { type: 'Unknown', key: 'k' });
    note(1);
    const partitions = ['notes', 'other'].map((name) => ({ topic: name, partition: 0 }));
    await runtime(member(partitions), {
      handlers: [handler(), handler(undefined, other.Noted)],
      commandTopics: ['other'],
    }).start();
    await until(async () => (await offset()) === '2' && (await offset('other')) === '1');

    expect(await deadLetters()).toMatchObject([
      { topic: 'other.dlq', headers: { dlq_reason: 'malformed: no handler for the command Unknown' } },
    ]);
    expect(await effects()).toEqual([1]);
  });

  it('turns records that are not messages into dead letters at once, and handles the rest', async () => {
    note(1, { value: 'no JSON' });
    note(2, { omitHeaders: ['ce_id'] });
    note(3, { id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479' });
    note(4, { value: '{"type":"Noted","key":"k","number":"four"}' });
    note(5, { value: null });
    note(5, { headers: { ce_source: `/${randomBytes(2_000).toString('hex')}` } }); // too long for an entry of the inbox's index
    note(5, { headers: { ce_saga: '' } });
    note(6);
    await runtime(member()).start();
    await until(async () => (await offset()) === '8');

    expect((await deadLetters()).map(({ headers }) => headers.dlq_reason)).toEqual([
      'malformed: the value is not JSON',
      'malformed: the header ce_id is missing or empty',
      'malformed: ce_id "f47ac10b-58cc-4372-a567-0e02b2c3d479" is not a UUIDv7',
      expect.stringContaining('malformed: number: '),
      'malformed: the record has no value',
      'malformed: ce_source has 4001 bytes, more than 1000',
      'malformed: ce_saga must have 1 to 200 characters, and no NUL',
    ]);
    expect(await effects()).toEqual([6]);
  });

  it('M09 retries a message that fails alone, then turns it into a dead letter, and its batch takes effect once', async () => {
    const ids = [1, 2, 3, 4].map((number) => note(number));
    let attempts = 0;
    const failing = handler(async (number) => {
      if (number !== 3) return;
      attempts += 1;
      throw new Error('three is odd');
    });
    await runtime(member(), { handlers: [failing], limits: { inPlaceMs: 1_000 } }).start();
    await until(async () => (await offset()) === '4');

    expect(await effects()).toEqual([1, 2, 4]);
    expect(attempts).toBeGreaterThan(2); // once in the batch, then alone
    expect(await deadLetters()).toEqual([
      {
        topic: 'notes.dlq',
        key: 'k',
        payload: '{"type":"Noted","key":"k","number":3}',
        headers: expect.objectContaining({
          ce_id: ids[2],
          ce_type: 'Noted',
          dlq_reason: 'Error: three is odd',
          dlq_stack: expect.stringContaining('message-failures.int.spec'),
          dlq_attempts: String(attempts - 1),
          dlq_topic: 'notes',
          dlq_partition: '0',
          dlq_offset: '2',
          dlq_group: bench.group,
          dlq_time: expect.stringMatching(/^\d{4}-.*Z$/),
        }),
      },
    ]);
    expect(await inboxed(ids[2] ?? '')).toBe(0);
    expect(await inboxed(ids[3] ?? '')).toBe(1);
  });

  it('turns a message into a dead letter after a TerminalError, without another attempt', async () => {
    note(1);
    await runtime(member(), {
      handlers: [
        handler(async () => {
          throw new TerminalError('never');
        }),
      ],
    }).start();
    await until(async () => (await offset()) === '1');

    expect(await deadLetters()).toMatchObject([
      { headers: { dlq_reason: 'terminal: never', dlq_attempts: '1' } },
    ]);
  });

  it('keeps nothing of a failed attempt, and applies the effect once when a later one succeeds', async () => {
    note(1);
    let attempts = 0;
    const failing: MessageHandler = {
      ...handler(),
      async handle(message, context) {
        await handler().handle(message, context);
        attempts += 1;
        if (attempts < 4) throw new Error('not yet');
      },
    };
    await runtime(member(), { handlers: [failing] }).start();
    await until(async () => (await offset()) === '1');

    expect(await effects()).toEqual([1]);
    expect(await deadLetters()).toEqual([]);
  });

  it('detects a handler that swallows the error of a statement', async () => {
    note(1);
    const swallowing = handler(
      async (_, { transaction }) => void (await transaction.query('SELECT 1/0').catch(() => undefined)),
    );
    const quiet: MessageHandler = {
      ...swallowing,
      handle: (message, context) => swallowing.handle(message, context).catch(() => undefined),
    };
    await runtime(member(), { handlers: [quiet], limits: { inPlaceMs: 20 } }).start();
    await until(async () => (await offset()) === '1');

    expect(await deadLetters()).toMatchObject([
      { headers: { dlq_reason: expect.stringContaining('swallowed') } },
    ]);
  });
});
