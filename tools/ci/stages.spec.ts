import { mkdtempSync, rmSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ciStages, runStages, type Stage, type Step } from './stages.ts';

const priorityMax = 19;

const stagesOf = (step: Step): readonly Stage[] => {
  if ('inTurn' in step) return step.inTurn.flatMap(stagesOf);
  return 'together' in step ? step.together.flatMap(stagesOf) : [step];
};
const areContainers = ({ name }: Stage) => name === 'containers';

describe('the stages of CI that run beside the container tests', () => {
  it('yield the CPU to them', () => {
    const together = ciStages.filter((step) => 'together' in step).flatMap(stagesOf);
    const others = together.filter((stage) => !areContainers(stage));

    expect(others.filter(({ yields }) => yields !== true).map(({ name }) => name)).toEqual([]);
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
    const outcomes = await runStages([{ together: [withPriority(own), lower] }]);

    expect(outcomes.map(({ succeeded }) => succeeded)).toEqual([true, true]);
  });

  it('begins when the one before it has ended, while others run beside both', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-stages-'));
    /** Waits for a file, and then writes the next one. */
    const relay = (name: string, awaited: string, written: string): Stage => ({
      name,
      command: process.execPath,
      arguments: [
        '-e',
        `const { existsSync, writeFileSync } = require('node:fs');
         const look = setInterval(() => {
           if ('${awaited}' !== '' && !existsSync('${folder}/${awaited}')) return;
           clearInterval(look);
           writeFileSync('${folder}/${written}', '');
         }, 5);`,
      ],
    });
    const outcomes = await runStages([
      {
        together: [
          relay('beside', 'second', 'end'),
          { inTurn: [relay('a', '', 'first'), relay('b', 'first', 'second')] },
        ],
      },
      relay('last', 'end', 'all'),
    ]).finally(() => rmSync(folder, { recursive: true }));

    expect(outcomes.map(({ name, succeeded }) => ({ name, succeeded }))).toEqual(
      ['beside', 'a', 'b', 'last'].map((name) => ({ name, succeeded: true })),
    );
  });
});
