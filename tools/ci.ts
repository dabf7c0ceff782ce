/** `npm run ci`, called by `.ci/run` on a machine that has only Node: what `npm test` runs, then what only CI does. */
import { rmSync } from 'node:fs';
import { report, resultsFolder, runChecks, takesNoArguments } from './checks.ts';
import { kafkaChecks } from './kafka-checks.ts';
import {
  alertRulesCheck,
  brokerCheck,
  guaranteesCheck,
  longChecks,
  scaleCheck,
  testChecks,
} from './test-checks.ts';

takesNoArguments('npm run ci');
rmSync(resultsFolder, { recursive: true, force: true });
const build = {
  name: 'build',
  command: 'nx',
  arguments: ['run-many', '-t', 'build', '--outputStyle=static'],
};
const mutants = {
  name: 'mutants are caught',
  command: 'node',
  arguments: ['tools/verify.ts', 'mutants', '--no-page'],
};
process.exitCode = report(
  await runChecks([
    ...testChecks,
    ...kafkaChecks,
    ...longChecks,
    scaleCheck,
    brokerCheck,
    alertRulesCheck,
    guaranteesCheck,
    build,
    mutants,
  ]),
)
  ? 0
  : 1;
