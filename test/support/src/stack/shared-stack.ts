import type { StackPlaces } from './spawn-stack.ts';

/**
 * The step timeout of the shared stack's sagas. It is short because one test waits for a step to be
 * given up.
 */
export const sharedStepTimeoutMs = 2_500;

/**
 * The stack that a Jest project's global setup has started. A test that kills or stops processes
 * must start its own.
 */
export function sharedStack(): StackPlaces {
  const places = process.env.MILLRACE_TEST_STACK;
  if (places === undefined) throw new Error('this test has no stack: run its project with its Nx target');
  return JSON.parse(places) as StackPlaces;
}
