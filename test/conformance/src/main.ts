/**
 * `npm run conformance` runs unmodified foreign clients on the embedded broker and on Apache Kafka.
 */
import { clients } from './clients/index.ts';
import { readOptions, usage } from './options.ts';
import { runConformance } from './run-conformance.ts';

const names = clients.map(({ name }) => name);
if (process.argv.includes('--help')) {
  console.log(usage(names));
  process.exit(0);
}
try {
  const options = readOptions(process.argv.slice(2), names);
  process.exitCode = (await runConformance(options)) ? 0 : 1;
} catch (error) {
  console.error(`conformance: ${error instanceof Error ? error.message : String(error)}\n${usage(names)}`);
  process.exitCode = 2;
}
