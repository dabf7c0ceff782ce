import { describe, expect, it } from '@jest/globals';
import { connectProducer } from '@millrace/streaming-core/client';
import { Committer } from './committer.ts';
import { nextTurn } from './next-turn.ts';
import { PlainOutput } from './output.ts';
import { oneSlice, taskWith } from './written-task.fake.ts';

describe('the commit without transactions', () => {
  it('sends offsets only after everything is written', async () => {
    const history: string[] = [];
    const connect = () => connectProducer({ bootstrapServers: ['nowhere:1'], clientId: 'unused' });
    const output = new PlainOutput(connect, { commit: async () => void history.push('offsets') });
    const written = Promise.withResolvers<void>();
    const member = { memberId: 'm', generationId: 3 };
    const task = taskWith([{ topic: 'in', partition: 0, offset: 5n }], written.promise);
    const committing = new Committer(output, oneSlice).commit([task], member);
    await nextTurn();
    expect(history).toEqual([]);

    written.resolve();
    await committing;

    expect(history).toEqual(['offsets']);
  });
});
