export { inTurn } from './in-turn.ts';
export { partitionFolder } from './partition-folder.ts';
export { startReplica, type Engines, type Replica } from './replica.ts';
export { shareStack } from './share-stack.ts';
export { sharedSettings, sharedStack } from './shared-stack.ts';
export { serviceNames, type ServiceName, type StackPlaces } from './spawn-stack.ts';
export {
  appsWithDatabase,
  freePorts,
  startStack,
  untilDatabaseAnswers,
  type TestStack,
  type TestStackOptions,
} from './start-stack.ts';
export { until } from './until.ts';
