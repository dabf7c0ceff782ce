import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { connectAdmin, connectTransformer, type TransformerOptions } from '@millrace/streaming-core/client';
import { pause, silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { readTopic } from '@millrace/testing/kcat';
import { seed, seededRandom } from '@millrace/testing/random';
import { sharedStack, until } from '@millrace/test-support/stack';
import { GroupOperator } from './group-operator.ts';
import { runGuide, startGuide } from './guides-python.ts';
import { killPrograms, startProgram } from './programs/start-program.ts';
import type { TransformingTask } from './programs/transforming.ts';
import { StackLog } from './stack-log.ts';

const log = new StackLog(sharedStack());
const { bootstrapServers } = log;
const input = 'input-topic';
const output = 'output-topic';
const partitions = 3;
/**
 * Small enough that 10,000 records take hundreds of polls, since a poll returns one batch per
 * partition.
 */
const batchRecords = 30;
/** Small enough that the last kill comes before the polls are done. */
const killAfterMsMax = 100;
const operators: GroupOperator[] = [];

afterAll(async () => {
  await Promise.all(operators.map((operator) => operator.close()));
  await log.close();
});

const newTopics = async () => {
  await log.newTopic(input, partitions);
  await log.newTopic(output, partitions);
};

/** Values `record 0`, `record 1`... */
async function send(count: number, partition?: number): Promise<void> {
  const records = Array.from({ length: count }, (_, index) => ({
    topic: input,
    key: `key-${index % 97}`,
    value: `record ${index}`,
    partition,
  }));
  for (let from = 0; from < count; from += batchRecords)
    await log.producer.send(records.slice(from, from + batchRecords));
}
const transformed = (count: number) => Array.from({ length: count }, (_, index) => `RECORD ${index}`).sort();

/** The output records that a foreign reader sees. */
async function outputs(isolation: 'read_committed' | 'read_uncommitted'): Promise<readonly string[]> {
  const read = await readTopic(bootstrapServers, output, ['-X', `isolation.level=${isolation}`]);
  return read.map(({ value }) => value).sort();
}

/** How many records of the input the group has committed. */
async function handled(groupId: string): Promise<number> {
  const admin = connectAdmin({
    bootstrapServers: [bootstrapServers],
    clientId: 'guides',
    logger: silentLogger,
  });
  const offsets = await admin.committedOffsets(groupId).finally(() => admin.close());
  return offsets.filter(({ topic }) => topic === input).reduce((sum, { offset }) => sum + Number(offset), 0);
}

describe('G13 consume, transform, produce', () => {
  afterEach(() => killPrograms());

  it('L93 10,000 records under random kill -9 become exactly 10,000 outputs for a foreign read_committed client', async () => {
    const count = 10_000;
    const kills = 6;
    const random = seededRandom(seed);
    const task: TransformingTask = {
      bootstrapServers,
      groupId: `transformers-${randomUUID()}`,
      transactionalId: `transformer-${randomUUID()}`,
      input,
      output,
    };

    let next = startProgram('transforming.ts', task);
    await newTopics();
    await send(count);

    for (let kill = 0; kill < kills; kill += 1) {
      const program = next;
      next = startProgram('transforming.ts', task); // starts now, since loading takes a second
      program.go();
      await until(
        () => `the program to transform (seed ${seed}): ${program.errors()}`,
        30_000,
        () => program.output() !== '',
      );
      await pause(systemClock, random() * killAfterMsMax);
      program.kill('SIGKILL');
      expect(await program.ended).toBe('SIGKILL');
    }
    const before = await handled(task.groupId);
    next.go();
    await until(
      `all to be handled (seed ${seed})`,
      60_000,
      async () => (await handled(task.groupId)) >= count,
    );
    await until(
      `all outputs to be committed (seed ${seed})`,
      30_000,
      async () => (await outputs('read_committed')).length >= count,
    );

    const committed = await outputs('read_committed');
    const undone = (await outputs('read_uncommitted')).length - count;
    process.stdout.write(
      `G13 seed ${seed}: ${kills} kill -9, ${before} handled until the last of them, ${undone} outputs undone\n`,
    );
    expect(committed).toEqual(transformed(count));
    expect(before).toBeLessThan(count); // so the kills came while there was work left
  });

  it('a transformer returns to the committed offset after an abort, handles the records again and writes no output twice', async () => {
    await newTopics();
    await send(60);
    const groupId = `transformers-${randomUUID()}`;
    const seen: string[] = [];
    const options: TransformerOptions = {
      bootstrapServers: [bootstrapServers],
      clientId: 'transforming',
      logger: silentLogger,
      groupId,
      topics: [input],
      transactionalId: `transformer-${randomUUID()}`,
      member: { fetchMaxWaitMs: 100 },
      transform(records) {
        seen.push(...records.map(({ value }) => String(value)));
        if (seen.length <= 60) throw new Error('the first attempt fails');
        return records.map(({ key, value }) => ({
          topic: output,
          key: String(key),
          value: String(value).toUpperCase(),
        }));
      },
    };
    const transformer = connectTransformer(options);
    await transformer.start();
    await until('all to be handled', 30_000, async () => (await handled(groupId)) === 60);
    await transformer.close();

    await until(
      'all outputs to be committed',
      30_000,
      async () => (await outputs('read_committed')).length >= 60,
    );
    expect(await outputs('read_committed')).toEqual(transformed(60));
    expect(seen.length).toBeGreaterThan(60);
  });

  it("the guide's kafka-python program: a crash before the commit undoes the outputs and offset N; after the commit both stay and N+1 is next", async () => {
    const operator = new GroupOperator(bootstrapServers, 'transform-group');
    operators.push(operator);
    await operator.deleteGroup();
    await newTopics();
    await send(200, 0);

    const killed = await startGuide('consume_transform_produce.py', bootstrapServers, '120');
    expect({ end: await killed.ended, errors: killed.errors() }).toMatchObject({ end: 'SIGKILL' });
    await operator.removeMembers();
    const stands = Number((await operator.committed(input)) ?? 0);
    expect(stands).toBeLessThanOrEqual(120);
    expect(await outputs('read_committed')).toHaveLength(stands);
    expect((await outputs('read_uncommitted')).length).toBeGreaterThan(120);

    await runGuide('consume_transform_produce.py', bootstrapServers);
    await until(
      'the last outputs to be committed',
      30_000,
      async () => (await outputs('read_committed')).length >= 200,
    );
    expect(await outputs('read_committed')).toEqual(transformed(200));
    // The broker marks each partition of the transaction in turn, and that of the offsets may be last.
    await until('the offset', 30_000, async () => (await operator.committed(input)) === 200n);
    await operator.deleteGroup();
  });
});
