import { sharedSettings, shareStack } from '@millrace/test-support/stack';

/** Starts the stack of all these tests. It traces only what begins with a `TestTrace`. */
export default async function setUpTracedStack(): Promise<void> {
  await shareStack({ ...sharedSettings, OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, { trace: true });
}
