import { keepUntilTeardown } from '@millrace/testing/jest';
import { sharedStepTimeoutMs } from './shared-stack.ts';
import type { StackPlaces } from './spawn-stack.ts';
import { startStack } from './start-stack.ts';

/** Starts one stack per end-to-end project, shared by the tests that do not kill it. */
export default async function setUpStack(): Promise<void> {
  const tracesOfTestsOnly = { OTEL_TRACES_SAMPLER: 'parentbased_always_off' };
  const stack = await startStack(
    { SAGA_STEP_TIMEOUT_MS: String(sharedStepTimeoutMs), ...tracesOfTestsOnly },
    { trace: true },
  );
  const { urls, instances, postgresUrl, keysUrl, bootstrapServers, smtpUrl } = stack;
  const { mailFolder, dataFolder, traceUrl } = stack;
  const places: StackPlaces = {
    urls,
    instances,
    postgresUrl,
    keysUrl,
    bootstrapServers,
    smtpUrl,
    mailFolder,
    dataFolder,
    traceUrl,
  };
  process.env.MILLRACE_TEST_STACK = JSON.stringify(places);
  keepUntilTeardown({ stop: stack.stop });
}
