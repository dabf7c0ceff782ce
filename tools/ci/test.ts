/**
 * `npm test` runs every test that takes seconds on the embedded engines, and prints the minutes per
 * target and one closing line.
 */
import { runAndReport } from './run.ts';
import { testStages } from './stages.ts';

await runAndReport('npm test', { stages: testStages, guarantees: true });
