/** `npm run test:kafka`: the suites that run on Apache Kafka instead of the embedded broker, and what only Kafka's own tools can test. */
import { runAndReport } from './run.ts';
import { kafkaStages } from './stages.ts';

await runAndReport('npm run test:kafka', { stages: kafkaStages, guarantees: false });
