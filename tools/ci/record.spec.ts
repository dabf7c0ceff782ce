import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runRecorded } from './record.ts';

const run = (program: string) =>
  runRecorded({
    command: process.execPath,
    arguments: ['--eval', program],
    folder: tmpdir(),
    countsTests: true,
    lingerMsMax: 600,
  });
const writesCounts = "require('node:fs').writeFileSync(process.env.MILLRACE_TEST_COUNTS, '{}');";

describe('a recorded command', () => {
  beforeAll(() => {
    delete process.env.NX_TASK_TARGET_PROJECT; // or the result would be stored as that of this suite
  });

  it('has failed, and is killed, if it goes on after its results', async () => {
    expect(await run(`${writesCounts} setInterval(() => undefined, 1000);`)).toBe(128 + 9);
  });

  it('may take its time before it has results', async () => {
    expect(await run(`setTimeout(() => { ${writesCounts} }, 1000);`)).toBe(0);
  });
});
