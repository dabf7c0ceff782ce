import { expect } from '@jest/globals';
import { ClientError } from '../../errors/client-error.ts';

/** Awaits the `ClientError` of a failing authentication. */
export async function failureOf(attempt: Promise<unknown>): Promise<ClientError> {
  const outcome = await attempt.then(
    () => new Error('the attempt did not fail'),
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(ClientError);
  return outcome as ClientError;
}
