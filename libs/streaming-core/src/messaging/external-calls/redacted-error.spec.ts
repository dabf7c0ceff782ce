import { describe, expect, it } from '@jest/globals';
import { redactedError } from './redacted-error.ts';

const secret = 'Ada Secretlace\n    at Mill Lane 1 (secret:1:1)';

describe('the failure of an outside system, without its text', () => {
  it('has the class, the code, the status and the frames', () => {
    class CarrierError extends Error {
      override readonly name = 'CarrierError';
      readonly code = 'EBADADDRESS';
      readonly status = 422;
    }
    const failure = redactedError(
      new CarrierError(`no such address: ${secret}`, { cause: new Error(secret) }),
    );
    expect(failure.message).toBe(
      'the outside system failed: CarrierError EBADADDRESS 422 (its text is not kept)',
    );
    expect(failure).toMatchObject({ name: 'CarrierError', code: 'EBADADDRESS' });
    expect(failure.cause).toBeUndefined();
    expect(failure.stack).toMatch(
      /^CarrierError: the outside system failed[^\n]*\n +at .*redacted-error\.spec/,
    );
    expect(failure.stack).not.toMatch(/Secretlace|Mill Lane/);
  });

  it.each([
    ['no error', secret],
    ['an error whose code is a sentence', Object.assign(new Error(secret), { code: secret })],
    ['an error whose class is a sentence', Object.assign(new Error(secret), { name: secret })],
    ['an error without a text', new Error('')],
  ])('has a text of ours for %s', (_case, error) => {
    const failure = redactedError(error);
    expect(failure.message).toBe('the outside system failed: Error (its text is not kept)');
    expect(failure.stack).not.toMatch(/Secretlace|Mill Lane/);
  });
});
