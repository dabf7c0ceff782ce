import { keepUntilTeardown } from '@millrace/testing/jest';
import type { StackPlaces } from './spawn-stack.ts';
import { startStack, type TestStack, type TestStackOptions } from './start-stack.ts';

/** Starts the stack of a Jest project, which its tests find with `sharedStack`. The teardown stops it. */
export async function shareStack(
  environment: Readonly<Record<string, string>>,
  options: TestStackOptions,
): Promise<Pick<TestStack, 'stop'>> {
  const { urls, instances, postgresUrl, keysUrl, bootstrapServers, smtpUrl, ...others } = await startStack(
    environment,
    options,
  );
  const { operators, mailFolder, dataFolder, consoleUrl, stop } = others;
  const places: StackPlaces = {
    urls,
    instances,
    operators,
    postgresUrl,
    keysUrl,
    bootstrapServers,
    smtpUrl,
    mailFolder,
    dataFolder,
    consoleUrl,
  };
  process.env.MILLRACE_TEST_STACK = JSON.stringify(places);
  keepUntilTeardown({ stop });
  return { stop };
}
