import { getPriority } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { ciStages, runStages, type Stage } from './stages.ts';

const priorityMax = 19;
const hasContainers = (stages: readonly Stage[]) => stages.some(({ name }) => name === 'containers');

describe('the stages of CI that run beside the container tests', () => {
  it('yield the CPU to them', () => {
    const together = ciStages.map((step) => [step].flat()).find(hasContainers) ?? [];

    expect(together.filter(({ yields }) => yields !== true).map(({ name }) => name)).toEqual(['containers']);
    expect(together.length).toBeGreaterThan(1);
  });
});

describe('a stage', () => {
  /** Succeeds if its process has this priority, where a higher number gets less of the CPU. */
  const withPriority = (priority: number): Stage => ({
    name: `priority ${priority}`,
    command: process.execPath,
    arguments: ['-e', `process.exit(require('node:os').getPriority() === ${priority} ? 0 : 1)`],
  });

  it('runs with a lower priority only if it yields', async () => {
    const own = getPriority();
    const lower = { ...withPriority(Math.min(own + 10, priorityMax)), yields: true };
    const outcomes = await runStages([[withPriority(own), lower]]);

    expect(outcomes.map(({ succeeded }) => succeeded)).toEqual([true, true]);
  });
});
