/** `npm run test:kafka`: the suites that touch the log, on Apache Kafka instead of the embedded broker; and what only Kafka's own tools can test. */
import { rmSync } from 'node:fs';
import { report, resultsFolder, runChecks, takesNoArguments } from './checks.ts';
import { kafkaChecks } from './kafka-checks.ts';

takesNoArguments('npm run test:kafka');
/** Of an earlier run, on whichever engine: this one reports what it has run itself. */
rmSync(resultsFolder, { recursive: true, force: true });
process.exitCode = report(await runChecks(kafkaChecks)) ? 0 : 1;
