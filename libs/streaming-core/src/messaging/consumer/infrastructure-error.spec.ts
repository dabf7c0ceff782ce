import { describe, expect, it } from '@jest/globals';
import { ClientError } from '../../client/index.ts';
import { PersonalDataError } from '../../personal/index.ts';
import { BlockedError, TerminalError, isBlocked, isInfrastructureError } from './consumer-error.ts';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('an error of the infrastructure', () => {
  it.each([
    '26000',
    '40001',
    '40P01',
    '57P01',
    '57P03',
    '08000',
    '08006',
    '53100',
    '53300',
    '25P03',
    '25P04',
    '55P03',
    '58030',
    'ECONNRESET',
    'ETIMEDOUT',
  ])('is %s, even as the cause of another error', (code) => {
    expect(isInfrastructureError(withCode(code))).toBe(true);
    expect(
      isInfrastructureError(new Error('outer', { cause: new Error('middle', { cause: withCode(code) }) })),
    ).toBe(true);
  });

  it.each([
    'Connection terminated unexpectedly',
    'Query read timeout',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
  ])('is an error of node-postgres without a code: %s', (message) =>
    expect(isInfrastructureError(new Error(message))).toBe(true),
  );

  it.each(['23505', '22P02', '42P01', '25P02', 'P0001', 'ENOENT'])('is not %s', (code) =>
    expect(isInfrastructureError(withCode(code))).toBe(false),
  );

  it('is also a BlockedError, even as the cause of another error', () => {
    const blocked = new BlockedError('a later release has to');

    expect(isInfrastructureError(blocked)).toBe(true);
    expect(isInfrastructureError(new Error('outer', { cause: blocked }))).toBe(true);
    expect(isInfrastructureError(new TerminalError('nobody can'))).toBe(false);
  });

  it('is a database of keys that does not answer, but neither a lost key nor damaged data', () => {
    const unavailable = new PersonalDataError('keys_unavailable', 'no answer');
    const lost = new PersonalDataError('key_missing', 'restore the backup');

    expect(isInfrastructureError(new Error('outer', { cause: unavailable }))).toBe(true);
    expect(isInfrastructureError(lost)).toBe(false);
    expect(isInfrastructureError(new PersonalDataError('unreadable', 'damaged'))).toBe(false);
    expect([unavailable, lost].map(isBlocked)).toEqual([false, false]);
  });

  it('Q01 is an error of the Kafka client if the same call may succeed later', () => {
    const away = new ClientError('unreachable', 'no broker answers');

    expect(isInfrastructureError(new Error('outer', { cause: away }))).toBe(true);
    expect(isInfrastructureError(new ClientError('timeout', 'no answer in time'))).toBe(true);
    expect(isInfrastructureError(new ClientError('record_too_large', '2 MB'))).toBe(false);
    expect(isInfrastructureError(new ClientError('fenced', 'another producer'))).toBe(false);
  });

  it('is neither an error of the domain nor a value that is not an error', () => {
    expect(isInfrastructureError(new Error('insufficient funds'))).toBe(false);
    expect(isInfrastructureError('40001')).toBe(false);
  });

  it('is not found in a circle of causes, and the search ends', () => {
    const error = new Error('circle');
    error.cause = error;

    expect(isInfrastructureError(error)).toBe(false);
  });
});
