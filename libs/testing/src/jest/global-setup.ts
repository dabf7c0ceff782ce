import { startPostgresServer } from '../postgres/index.ts';
import './project-servers.ts';

/** One PostgreSQL and one broker per Jest project; its test files find them in the environment. */
export default async function setUpProject(): Promise<void> {
  const postgres = await startPostgresServer();
  process.env.MILLRACE_TEST_POSTGRES = postgres.url;
  globalThis.millraceProjectServers = { postgres };
}
