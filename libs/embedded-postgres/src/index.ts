export {
  copyRunningCluster,
  runningCluster,
  stoppedCluster,
  type RunningCluster,
} from './copy-running-cluster.ts';
export { EmbeddedPostgresError } from './errors.ts';
export { placeCluster } from './place-cluster.ts';
export {
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
  stopLeftoverPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './server.ts';
