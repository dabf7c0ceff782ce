import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { errorCodes, ProtocolError, type ErrorName } from '../../protocol/errors.ts';
import { errors } from '../../runtime/errors.ts';
import { ItemsFailed } from '../admin/items-of-call.ts';
import { ClientError, toClientError } from './client-error.ts';
import { passes } from '../connection/retries.ts';
import { readConnectionSecurity } from '../connection/security-settings.ts';
import { kindOf, type ClientErrorCode, type ClientErrorKind } from './error-catalogue.ts';

/** The exception of an error code in Kafka's Java client. Written by golden/JavaErrors.java. */
interface JavaError {
  readonly name: ErrorName;
  readonly code: number;
  readonly classes: readonly string[];
}

const javaErrors = readFileSync(new URL('./golden/java-errors.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as JavaError);

const kindInJava = ({ classes }: JavaError): ClientErrorKind => {
  if (classes.includes('RetriableException')) return 'retriable';
  if (classes.includes('ApplicationRecoverableException')) return 'fenced';
  return classes.includes('TransactionAbortableException') ? 'abortable' : 'fatal';
};

const answered = (name: ErrorName) => toClientError(new ProtocolError(name, 'no'), 'sending records');

describe('the catalogue of client errors', () => {
  it("has every error of Kafka's protocol, with its code in Java", () => {
    const { NONE: _none, ...codes } = errorCodes;
    expect(Object.fromEntries(javaErrors.map(({ name, code }) => [name, code]))).toEqual(codes);
  });

  it("Q01 gives each error the kind that it has in Kafka's Java client, with four exceptions", () => {
    const different = javaErrors
      .filter((error) => answered(error.name).kind !== kindInJava(error))
      .map((error) => [error.name, kindInJava(error), answered(error.name).kind]);

    expect(different).toEqual([
      // A damaged batch on the log stays damaged.
      ['CORRUPT_MESSAGE', 'retriable', 'fatal'],
      // The partitions may belong to another member after the rebalance.
      ['REBALANCE_IN_PROGRESS', 'fatal', 'fenced'],
      // The leader is the preferred one already.
      ['ELECTION_NOT_NEEDED', 'retriable', 'fatal'],
      // An offset of the deleted topic means nothing in the new one.
      ['INCONSISTENT_TOPIC_ID', 'retriable', 'fatal'],
    ]);
  });

  it('has a kind for every code', () => {
    const codes = Object.keys(errors.client) as ClientErrorCode[];
    const known: readonly unknown[] = ['retriable', 'abortable', 'fenced', 'fatal'];
    expect(codes.filter((code) => !known.includes(kindOf(code, undefined)))).toEqual([]);
  });

  it('keeps the name of the error that the broker answered, through every error that it causes', () => {
    const first = answered('NOT_ENOUGH_REPLICAS');
    const outer = new ClientError('transaction_failed', 'the transaction is aborted', { cause: first });
    const all = new ItemsFailed(new Map([['a', first]]), new Map());

    expect(first).toMatchObject({
      code: 'broker_error',
      kind: 'retriable',
      errorName: 'NOT_ENOUGH_REPLICAS',
    });
    expect(outer).toMatchObject({ kind: 'abortable', errorName: 'NOT_ENOUGH_REPLICAS', cause: first });
    expect(all).toMatchObject({ kind: 'retriable', errorName: 'NOT_ENOUGH_REPLICAS' });
    expect(new ClientError('timeout', 'no answer')).not.toHaveProperty('errorName');
  });

  it('treats an error of the broker without a known name as fatal', () => {
    expect(new ClientError('broker_error', 'error 999').kind).toBe('fatal');
  });

  it('lets the client repeat a request only after an error that is retriable', () => {
    const repeated = javaErrors.filter(({ name }) => passes(new ProtocolError(name, 'no')));

    expect(repeated.length).toBeGreaterThan(20);
    expect(repeated.filter(({ name }) => answered(name).kind !== 'retriable')).toEqual([]);
    expect(passes(new ClientError('timeout', 'the caller has waited long enough'))).toBe(false);
  });

  it('includes the errors of the security settings', () => {
    const read = () => readConnectionSecurity({ KAFKA_SECURITY_PROTOCOL: 'TLS' });
    expect(read).toThrow(ClientError);
    expect(read).toThrow(expect.objectContaining({ code: 'settings_refused', kind: 'fatal' }));
  });
});
