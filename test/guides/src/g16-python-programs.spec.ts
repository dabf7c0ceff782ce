import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PythonProgram } from '@millrace/test-support/python';
import { sharedStack, until } from '@millrace/test-support/stack';
import { GroupOperator } from './group-operator.ts';
import { runGuide, startGuide } from './guides-python.ts';
import { StackLog } from './stack-log.ts';

const log = new StackLog(sharedStack());
const group = new GroupOperator(log.bootstrapServers, 'analytics-group');
const event = '{"user_id": "123", "action": "click", "timestamp": "2024-01-15T10:00:00Z"}';

describe("G16 the guides' Python programs", () => {
  const running: PythonProgram[] = [];
  beforeEach(() => log.newTopic('user-events', 3));
  afterEach(async () => {
    await Promise.all(running.splice(0).map((program) => program.kill()));
    await group.deleteGroup();
  });
  afterAll(async () => {
    await group.close();
    await log.close();
  });

  it('produce the event with key user123 to partition 0 of 3 and print its offset; the consumer receives it', async () => {
    expect(await runGuide('producer.py', log.bootstrapServers)).toEqual(['partition 0, offset 0']);
    expect(await runGuide('producer.py', log.bootstrapServers)).toEqual(['partition 0, offset 1']);

    const consumer = await startGuide('consumer.py', log.bootstrapServers);
    running.push(consumer);
    await until(
      () => `two events to be received; ${consumer.errors()}`,
      30_000,
      () => consumer.output().split('\n').length > 2,
    );

    expect(consumer.output()).toBe(`partition 0, offset 0: ${event}\npartition 0, offset 1: ${event}\n`);
  });

  it('refuse a manual commit without a group with a clear error (T14)', async () => {
    await expect(runGuide('commit_without_group.py', log.bootstrapServers)).rejects.toThrow(
      /Requires group_id/,
    );
  });
});
