import { describe, expect, it } from '@jest/globals';
import type { TransactionalProducer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { Committer } from './committer.ts';
import { nextTurn } from './next-turn.ts';
import { TransactionalOutput } from './output.ts';
import { oneSlice, taskWith } from './written-task.fake.ts';

const member = { memberId: 'm', generationId: 3 };
const offsets = [{ topic: 'in', partition: 0, offset: 5n }];

/** An output whose transactions note the calls that they get. */
function noted() {
  const history: string[] = [];
  const transaction = {
    send: async () => [],
    sendOffsets: async () => void history.push('offsets'),
    commit: async () => void history.push('commit'),
    abort: async () => void history.push('abort'),
  };
  const producer: TransactionalProducer = {
    open: async () => {},
    begin: async () => transaction,
    transaction: (work) => work(transaction),
    close: async () => {},
  };
  const output = new TransactionalOutput({ groupId: 'app', logger: silentLogger, connect: () => producer });
  return { output, history };
}

describe('the commit of a transaction', () => {
  it('sends the offsets only after everything is written, and then ends the transaction', async () => {
    const { output, history } = noted();
    const written = Promise.withResolvers<void>();
    const committing = new Committer(output, oneSlice).commit([taskWith(offsets, written.promise)], member);
    await nextTurn();
    expect(history).toEqual([]);

    written.resolve();
    await committing;

    expect(history).toEqual(['offsets', 'commit']);
  });

  it('rejects without a commit if something could not be written', async () => {
    const { output, history } = noted();
    await output.send([]);
    const written = Promise.reject(new Error('late'));
    written.catch(() => undefined);

    const committing = new Committer(output, oneSlice).commit([taskWith(offsets, written)], member);
    await expect(committing).rejects.toThrow('late');
    await output.abort();

    expect(history).toEqual(['abort']);
  });
});
