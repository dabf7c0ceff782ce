/** `npm test`: everything on the embedded engines that takes seconds, with minutes per target and one closing line. */
import { runAndReport } from './run.ts';
import { testStages } from './stages.ts';

await runAndReport('npm test', { stages: testStages, guarantees: true });
