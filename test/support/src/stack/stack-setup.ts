import { shareStack } from './share-stack.ts';
import { sharedSettings } from './shared-stack.ts';

/** Starts one stack per end-to-end project, shared by the tests that do not kill it. */
export default async function setUpStack(): Promise<void> {
  await shareStack(sharedSettings, {});
}
