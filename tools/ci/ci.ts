/** `npm run ci`, called by `.ci/run` on a machine that has only Node: what `npm test` runs, then what only CI does. */
import { runAndReport } from './run.ts';
import { ciStages } from './stages.ts';

await runAndReport('npm run ci', { stages: ciStages, guarantees: true });
