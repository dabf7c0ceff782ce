import type { StackPlaces } from './spawn-stack.ts';

/** How long the sagas of the shared stack wait before they send a command again: a step that is given up is one of its tests. */
export const sharedStepTimeoutMs = 2_500;

/** The stack that a Jest project's global setup has started. Nobody kills or stops it: a test that does starts its own. */
export function sharedStack(): StackPlaces {
  const places = process.env.MILLRACE_TEST_STACK;
  if (places === undefined)
    throw new Error('no stack for this test: run its project with the target test-e2e');
  return JSON.parse(places) as StackPlaces;
}
