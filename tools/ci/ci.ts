/**
 * `npm run ci` runs what `npm test` runs and then what only CI runs. `.ci/run` calls it on a
 * machine that has only Node.
 */
import { runAndReport } from './run.ts';
import { ciStages } from './stages.ts';

await runAndReport('npm run ci', { stages: ciStages, guarantees: true });
