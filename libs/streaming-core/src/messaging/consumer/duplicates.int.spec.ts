import { describe, expect, it } from '@jest/globals';
import type { Message } from '../../contract/index.ts';
import { v7 } from 'uuid';
import { runtimeBench, until } from './runtime.bench.ts';
import type { MessageContext, MessageHandler } from './message-handler.ts';

describe('a duplicate message', () => {
  const bench = runtimeBench();
  const { handler, runtime, member, note, effects, offset, deadLetters } = bench;

  /** Writes the number of each message, and the negative number of each duplicate. */
  const answering = (
    before: (context: MessageContext) => Promise<void> = async () => undefined,
  ): MessageHandler => ({
    ...handler(),
    async handleDuplicate({ number }: Message, context) {
      await before(context);
      await context.transaction.query('INSERT INTO effect (grp, number) VALUES ($1, $2)', [
        bench.group,
        -Number(number),
      ]);
    },
  });
  const committedTo = (end: string) => until(async () => (await offset()) === end);

  it('reaches handleDuplicate in the order of the log, with its context, in the transaction of the batch', async () => {
    const seen: MessageContext[] = [];
    const id = note(1);
    const wanting = answering(async (context) => {
      seen.push(context);
      await context.transaction.unitOfWork(async () => undefined); // joins the unit of work of the batch
    });
    await runtime(member(), { handlers: [wanting] }).start();
    await committedTo('1');
    note(2);
    note(1, { id });
    note(3);
    await committedTo('4');

    expect(await effects()).toEqual([1, 2, -1, 3]);
    expect(seen).toEqual([expect.objectContaining({ id, offset: 2n, key: 'k', topic: 'notes' })]);
  });

  it('reaches handleDuplicate after the streams of the batch are locked', async () => {
    const calls: string[] = [];
    const id = note(1);
    await runtime(member(), {
      handlers: [
        {
          ...answering(async () => void calls.push('told')),
          locks: ({ number }) => [`stream-${String(number)}`],
        },
      ],
      lockStreams: async (_, streams) => void calls.push(...streams),
    }).start();
    await committedTo('1');
    note(1, { id });
    await committedTo('2');

    expect(calls).toEqual(['stream-1', 'stream-1', 'told']);
  });

  it('has no effect when its first copy is in the same batch', async () => {
    const id = v7();
    note(1, { id });
    note(2);
    note(1, { id });
    await runtime(member(), { handlers: [answering()], limits: { duplicateEveryMs: 0 } }).start();
    await committedTo('3');

    expect(await effects()).toEqual([1, 2]);
  });

  it('M21 reaches handleDuplicate once per interval, however many copies arrive', async () => {
    const id = note(1);
    await runtime(member(), { handlers: [answering()], limits: { duplicateEveryMs: 60_000 } }).start();
    await committedTo('1');
    for (let copies = 0; copies < 20; copies += 1) note(1, { id });
    await committedTo('21');
    for (let copies = 0; copies < 20; copies += 1) note(1, { id });
    await committedTo('41');

    expect(await effects()).toEqual([1, -1]);
  });

  it('reaches handleDuplicate again when its batch failed', async () => {
    const id = note(1);
    let failures = 2;
    const flaky = answering(async () => {
      if (failures-- > 0) throw new Error('not yet');
    });
    await runtime(member(), { handlers: [flaky], limits: { duplicateEveryMs: 60_000 } }).start();
    await committedTo('1');
    note(1, { id });
    note(2);
    await committedTo('3');

    expect(await effects()).toEqual([1, -1, 2]);
    expect(await deadLetters()).toEqual([]);
  });

  it('has no effect if its handler has no handleDuplicate', async () => {
    const id = note(1);
    await runtime(member()).start();
    await committedTo('1');
    note(1, { id });
    await committedTo('2');

    expect(await effects()).toEqual([1]);
  });
});
