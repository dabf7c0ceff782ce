import { describe, expect, it } from '@jest/globals';
import type { Message } from '../../contract/index.ts';
import { notes, runtimeBench, until } from './runtime.bench.ts';
import type { MessageHandler } from './message-handler.ts';

describe('several handlers of an event', () => {
  const bench = runtimeBench();
  const { handler, runtime, member, note, effects, offset, deadLetters, inboxed } = bench;

  /** Writes the number of the message plus `added`. */
  const adding = (added: number, rest: Partial<MessageHandler> = {}): MessageHandler => ({
    message: notes.Noted,
    async handle(message: Message, { transaction }) {
      await transaction.query('INSERT INTO effect (grp, number) VALUES ($1, $2)', [
        bench.group,
        Number(message.number) + added,
      ]);
    },
    ...rest,
  });

  it('M53 run one after the other, in the order of registration, in one transaction', async () => {
    note(1);
    note(2);
    await runtime(member(), { handlers: [adding(10), adding(20), adding(30)] }).start();
    await until(async () => (await offset()) === '2');

    expect(await effects()).toEqual([11, 21, 31, 12, 22, 32]);
  });

  it('M53 all undo what they did when one of them fails, and all repeat it', async () => {
    let failures = 2;
    const flaky = handler(async () => {
      if (failures-- > 0) throw new Error('not yet');
    });
    note(1);
    await runtime(member(), { handlers: [adding(10), flaky, adding(30)] }).start();
    await until(async () => (await offset()) === '1');

    expect(failures).toBe(-1);
    expect(await effects()).toEqual([11, 1, 31]);
  });

  it('M53 have one dead letter when one of them fails for good, and none of their effects', async () => {
    const broken = handler(async (number) => {
      if (number === 1) throw new Error('never');
    });
    const id = note(1);
    note(2);
    const retry = { inPlaceMs: 0, parkedMs: 0 };
    await runtime(member(), { handlers: [adding(10, { retry }), broken] }).start();
    await until(async () => (await offset()) === '2');

    expect(await effects()).toEqual([12, 2]);
    expect(await deadLetters()).toHaveLength(1);
    expect(await inboxed(id)).toBe(0);
  });

  it('M53 lock the streams of all of them before the first one runs', async () => {
    const calls: string[] = [];
    const locking = (name: string): MessageHandler => ({
      message: notes.Noted,
      locks: (message, { saga }) => [`${name}-${String(message.number)}`, `saga-${saga}`],
      handle: async () => void calls.push(`handle ${name}`),
    });
    note(1, { headers: { ce_saga: 'trip' } });
    await runtime(member(), {
      handlers: [locking('b'), locking('a'), { message: notes.Noted, handle: () => Promise.resolve() }],
      lockStreams: async (_, streams) => void calls.push(streams.join(' ')),
    }).start();
    await until(async () => (await offset()) === '1');

    expect(calls).toEqual(['a-1 b-1 saga-trip', 'handle b', 'handle a']);
  });

  it('are each told of a commit and of a copy, even if the callback of one of them throws', async () => {
    const calls: string[] = [];
    const telling = (name: string, throws = false): MessageHandler =>
      adding(0, {
        handleDuplicate: async () => void calls.push(`${name} copy`),
        committed: () => {
          calls.push(`${name} committed`);
          if (throws) throw new Error('the log is full');
        },
      });
    const id = note(1);
    await runtime(member(), { handlers: [telling('a', true), adding(0), telling('b')] }).start();
    await until(async () => (await offset()) === '1');
    note(1, { id });
    await until(async () => (await offset()) === '2');

    expect(await effects()).toEqual([1, 1, 1]);
    expect(calls).toEqual(['a committed', 'b committed', 'a copy', 'b copy']);
  });

  it('are rejected for a command, which has one owner, and if two of them have a retry policy', () => {
    const handlers = [handler(), handler()];
    expect(() => runtime(member(), { handlers, commandTopics: ['notes'] })).toThrow(
      'notes: the command Noted has two handlers; keep one, because a command has one owner',
    );
    const retry = { inPlaceMs: 1 };
    expect(() => runtime(member(), { handlers: [adding(1, { retry }), adding(2, { retry })] })).toThrow(
      'notes: two handlers of Noted have the option retry; keep one of them',
    );
  });
});
