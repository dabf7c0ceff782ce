import { sharedStepTimeoutMs } from '../stack/shared-stack.ts';
import type { StackPlaces } from '../stack/spawn-stack.ts';
import { startStack } from '../stack/start-stack.ts';
import './project-servers.ts';

/** One stack per end-to-end project, shared by the tests that leave it alive. */
export default async function setUpStack(): Promise<void> {
  const tracesOfTestsOnly = { OTEL_TRACES_SAMPLER: 'parentbased_always_off' };
  const stack = await startStack(
    { SAGA_STEP_TIMEOUT_MS: String(sharedStepTimeoutMs), ...tracesOfTestsOnly },
    { trace: true },
  );
  const { urls, instances, postgresUrl, bootstrapServers, smtpUrl, mailFolder, dataFolder, traceUrl } = stack;
  const places: StackPlaces = {
    urls,
    instances,
    postgresUrl,
    bootstrapServers,
    smtpUrl,
    mailFolder,
    dataFolder,
    traceUrl,
  };
  process.env.MILLRACE_TEST_STACK = JSON.stringify(places);
  globalThis.millraceProjectServers = { stop: stack.stop };
}
