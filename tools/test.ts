/** `npm test`: everything on the embedded engines, with minutes per suite and one closing line. */
import { rmSync } from 'node:fs';
import { report, resultsFolder, runChecks, takesNoArguments } from './checks.ts';
import { guaranteesCheck, testChecks } from './test-checks.ts';

takesNoArguments('npm test');
rmSync(resultsFolder, { recursive: true, force: true });
process.exitCode = report(await runChecks([...testChecks, guaranteesCheck])) ? 0 : 1;
