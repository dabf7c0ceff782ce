import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { TerminalError } from './consumer-error.ts';
import { other, runtimeBench, until } from './runtime.bench.ts';
import type { MessageHandler } from './types.ts';

describe('messages that cannot be handled', () => {
  const bench = runtimeBench();
  const { handler, runtime, member, note, effects, offset, deadLetters, inboxed } = bench;

  it('skips an event that nobody handles, and makes an unknown command a dead letter', async () => {
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
      { topic: 'other.dlq', headers: { dlq_reason: 'malformed: nobody handles the command Unknown' } },
    ]);
    expect(await effects()).toEqual([1]);
  });

  it('sends what is no message to the dead letters at once, and the rest goes on', async () => {
    note(1, { value: 'no JSON' });
    note(2, { omitHeaders: ['ce_id'] });
    note(3, { id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479' });
    note(4, { value: '{"type":"Noted","key":"k","number":"four"}' });
    note(5, { value: null });
    note(5, { headers: { ce_source: `/${randomBytes(2_000).toString('hex')}` } }); // more than an entry of the inbox's index takes
    note(6);
    await runtime(member()).start();
    await until(async () => (await offset()) === '7');

    expect((await deadLetters()).map(({ headers }) => headers.dlq_reason)).toEqual([
      'malformed: its value is not JSON',
      'malformed: its header ce_id is missing or empty',
      'malformed: ce_id "f47ac10b-58cc-4372-a567-0e02b2c3d479" is no UUIDv7',
      expect.stringContaining('malformed: number: '),
      'malformed: it has no value',
      'malformed: ce_source has 4001 bytes, more than 1000',
    ]);
    expect(await effects()).toEqual([6]);
  });

  it('gives a message that fails by itself its attempts, then makes it a dead letter; its batch has its effects once', async () => {
    const ids = [1, 2, 3, 4].map((number) => note(number));
    let attempts = 0;
    const failing = handler(async (number) => {
      if (number !== 3) return;
      attempts += 1;
      throw new Error('three is odd');
    });
    await runtime(member(), { handlers: [failing], limits: { inPlaceMs: 20 } }).start();
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

  it('makes a TerminalError a dead letter without another attempt alone', async () => {
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

  it('keeps nothing of a failed attempt, and has one effect when a later one succeeds', async () => {
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

  it('finds out a handler that swallows the error of a statement', async () => {
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
