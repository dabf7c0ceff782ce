export {
  EmbeddedPostgresError,
  startEmbeddedPostgres,
  stopLeftoverPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './server.ts';
