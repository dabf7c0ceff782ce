export { EmbeddedPostgresError } from './errors.ts';
export {
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
  stopLeftoverPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from './server.ts';
