import { WrongExpectedVersionError } from '../errors.ts';

/** The SQLSTATE that the functions raise for a wrong expected version. */
const wrongExpectedVersionState = 'MR001';

/** Reads the error's detail. Returns undefined for an error of another kind. */
export function asWrongExpectedVersion(error: unknown): WrongExpectedVersionError | undefined {
  if (!(error instanceof Error && 'code' in error && error.code === wrongExpectedVersionState))
    return undefined;
  const { stream, expected, actual } = JSON.parse(String('detail' in error ? error.detail : '')) as Record<
    'stream' | 'expected' | 'actual',
    string
  >;
  return new WrongExpectedVersionError(
    { stream, expected: expected === '0' ? 'none' : BigInt(expected), actual: BigInt(actual) },
    { cause: error },
  );
}
