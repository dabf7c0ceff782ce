/** `npm run bench -- saga [options]`: what a thing costs, measured here and now. Numbers hold for the machine and the moment: compare runs, and ratios. */
import { benchOptions, usage } from './options.ts';
import { runSagaBench } from './saga/run-saga-bench.ts';

const [name, ...rest] = process.argv.slice(2);
if (name === '--help' || rest.includes('--help')) {
  console.log(usage);
  process.exit(0);
}
if (name !== 'saga') {
  console.error(`bench: ${name === undefined ? 'name a bench' : `there is no bench "${name}"`}\n${usage}`);
  process.exit(2);
}
try {
  await runSagaBench(benchOptions(rest));
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
