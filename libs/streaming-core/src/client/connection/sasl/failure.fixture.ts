import { ClientError } from '../../client-error.ts';

/** Awaits the `ClientError` of a failing authentication. */
export async function failureOf(attempt: Promise<unknown>): Promise<ClientError> {
  const outcome = await attempt.then(
    () => new Error('the attempt did not fail'),
    (error: unknown) => error,
  );
  if (outcome instanceof ClientError) return outcome;
  throw new Error('expected a ClientError', { cause: outcome });
}
