import { sharedStepTimeoutMs, shareStack } from '@millrace/test-support/stack';

/** Starts the stack of all these tests. It traces only what begins with a `TestTrace`. */
export default async function setUpTracedStack(): Promise<void> {
  await shareStack(
    { SAGA_STEP_TIMEOUT_MS: String(sharedStepTimeoutMs), OTEL_TRACES_SAMPLER: 'parentbased_always_off' },
    { trace: true },
  );
}
