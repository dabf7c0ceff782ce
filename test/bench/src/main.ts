/**
 * `npm run bench -- NAME [options]` measures what something costs, here and now. The numbers are
 * valid only for this machine and moment, so compare runs and ratios.
 */
import { brokerBenchOptions, brokerUsage } from './broker/options.ts';
import { runBrokerBench } from './broker/run-broker-bench.ts';
import { clientBenchOptions, clientUsage, runClientBench } from './client/run-client-bench.ts';
import { runSagaBench, sagaBenchOptions, sagaUsage } from './saga/run-saga-bench.ts';
import { connectBenchOptions, connectUsage, runConnectBench } from './connect/run-connect-bench.ts';
import { consoleBenchOptions, consoleUsage, runConsoleBench } from './console/run-console-bench.ts';
import { dashboardBenchOptions, dashboardUsage, runDashboardBench } from './dashboard/run-dashboard-bench.ts';
import { runBacklogBench } from './scale/backlog/run-backlog-bench.ts';
import {
  backlogBenchOptions,
  backlogUsage,
  hasBacklog,
  scaleBenchOptions,
  scaleUsage,
} from './scale/options.ts';
import { runScaleBench } from './scale/run-scale-bench.ts';
import { runSizing, sizingOptions, sizingUsage } from './sizing/run-sizing.ts';
import { runStylesBench, stylesBenchOptions, stylesUsage } from './styles/run-styles-bench.ts';
import { streamsBenchOptions, streamsUsage } from './streams/options.ts';
import { runStreamsBench } from './streams/run-streams-bench.ts';
import { temporalBenchOptions, temporalUsage } from './temporal/options.ts';
import { runTemporalBench } from './temporal/run-temporal-bench.ts';
import { eventstoreBenchOptions, eventstoreUsage } from './eventstore/options.ts';
import { runEventstoreBench } from './eventstore/run-eventstore-bench.ts';

const benches: Readonly<Record<string, (values: readonly string[]) => Promise<void>>> = {
  broker: (values) => runBrokerBench(brokerBenchOptions(values)),
  client: (values) => runClientBench(clientBenchOptions(values)),
  connect: (values) => runConnectBench(connectBenchOptions(values)),
  console: (values) => runConsoleBench(consoleBenchOptions(values)),
  dashboard: (values) => runDashboardBench(dashboardBenchOptions(values)),
  saga: (values) => runSagaBench(sagaBenchOptions(values)),
  scale: (values) =>
    hasBacklog(values)
      ? runBacklogBench(backlogBenchOptions(values))
      : runScaleBench(scaleBenchOptions(values)),
  sizing: (values) => runSizing(sizingOptions(values)),
  streams: (values) => runStreamsBench(streamsBenchOptions(values)),
  styles: (values) => runStylesBench(stylesBenchOptions(values)),
  temporal: (values) => runTemporalBench(temporalBenchOptions(values)),
  eventstore: (values) => runEventstoreBench(eventstoreBenchOptions(values)),
};
const usage = `usage:\n${brokerUsage}\n${clientUsage}\n${connectUsage}\n${consoleUsage}\n${dashboardUsage}\n${sagaUsage}\n${scaleUsage}\n${backlogUsage}\n${sizingUsage}\n${streamsUsage}\n${stylesUsage}\n${temporalUsage}\n${eventstoreUsage}`;

const [name = '', ...rest] = process.argv.slice(2);
if (name === '--help' || rest.includes('--help')) {
  console.log(usage);
  process.exit(0);
}
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined) {
  console.error(`bench: ${name === '' ? 'name a bench' : `there is no bench "${name}"`}\n${usage}`);
  process.exit(2);
}
try {
  await bench(rest);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
