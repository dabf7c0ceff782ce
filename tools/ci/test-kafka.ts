/**
 * `npm run test:kafka` runs the suites on Apache Kafka instead of the embedded broker, and the
 * tests that need Kafka's own tools.
 */
import { runAndReport } from './run.ts';
import { kafkaStages } from './stages.ts';

await runAndReport('npm run test:kafka', { stages: kafkaStages, guarantees: false });
