import { shareStack } from './share-stack.ts';
import { sharedStepTimeoutMs } from './shared-stack.ts';

/** Starts one stack per end-to-end project, shared by the tests that do not kill it. */
export default async function setUpStack(): Promise<void> {
  await shareStack({ SAGA_STEP_TIMEOUT_MS: String(sharedStepTimeoutMs) }, {});
}
