import { startStack } from '../stack/start-stack.ts';
import './project-servers.ts';

/** One stack per end-to-end project, shared by the tests that leave it alive. */
export default async function setUpStack(): Promise<void> {
  const stack = await startStack();
  const { urls, postgresUrl, bootstrapServers, mailFolder, dataFolder } = stack;
  process.env.MILLRACE_TEST_STACK = JSON.stringify({ urls, postgresUrl, bootstrapServers, mailFolder, dataFolder });
  globalThis.millraceProjectServers = { stop: stack.stop };
}
