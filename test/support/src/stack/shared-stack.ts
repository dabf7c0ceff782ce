import type { StackPlaces } from './spawn-stack.ts';

/**
 * The settings of the shared stack. Its timeouts are short because some tests wait for a step to be given up, and for
 * the second deadline of a choreographed order.
 */
export const sharedSettings = { SAGA_STEP_TIMEOUT_MS: '2500', ORDER_DEADLINE_MS: '5000' };

/**
 * The stack that a Jest project's global setup has started. A test that kills or stops processes
 * must start its own.
 */
export function sharedStack(): StackPlaces {
  const places = process.env.MILLRACE_TEST_STACK;
  if (places === undefined) throw new Error('this test has no stack: run its project with its Nx target');
  return JSON.parse(places) as StackPlaces;
}
