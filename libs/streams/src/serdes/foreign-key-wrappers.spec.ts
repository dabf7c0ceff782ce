import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { murmur3 } from './murmur3.ts';
import type { Serde } from './serde.ts';
import {
  subscriptionSerde,
  type Subscription,
  type SubscriptionInstruction,
  subscriptionResponseSerde,
  combinedKey,
  combinedKeyPrefix,
  primaryKeyOf,
} from './foreign-key-serdes.ts';

const text: Serde<string> = {
  encode: (value) => Buffer.from(value),
  decode: (bytes) => Buffer.from(bytes).toString(),
};
const responses = subscriptionResponseSerde(text);
const hash = murmur3(Buffer.from('v'));
const hex = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString('hex');
const subscription = (changes: Partial<Subscription>): Subscription => ({
  hash,
  instruction: 'unsubscribe_and_respond',
  primaryKey: Buffer.from('key'),
  primaryPartition: 7,
  ...changes,
});

/** The expected bytes were written by Kafka Streams 4.3.1. */
describe('the messages of a foreign-key join', () => {
  it.each<[SubscriptionInstruction, string]>([
    ['unsubscribe', '0100e001ba9f5f750d0518bc9338ae3e72f36b657900000007'],
    ['unsubscribe_and_respond', '0101e001ba9f5f750d0518bc9338ae3e72f36b657900000007'],
    ['respond', '0102e001ba9f5f750d0518bc9338ae3e72f36b657900000007'],
    ['respond_if_found', '0103e001ba9f5f750d0518bc9338ae3e72f36b657900000007'],
  ])('writes a subscription to %s as Kafka Streams does', (instruction, bytes) => {
    expect(hex(subscriptionSerde.encode(subscription({ instruction }), 'topic'))).toBe(bytes);
  });

  it.each<[string, Partial<Subscription>, string]>([
    ['without a hash', { hash: null }, '81016b657900000007'],
    ['of version 0', { primaryPartition: null }, '0001e001ba9f5f750d0518bc9338ae3e72f36b6579'],
    ['of version 0 without a hash', { primaryPartition: null, hash: null }, '80016b6579'],
  ])('writes a subscription %s as Kafka Streams does', (_title, changes, bytes) => {
    expect(hex(subscriptionSerde.encode(subscription(changes), 'topic'))).toBe(bytes);
  });

  it.each([
    ['a value', hash, 'fv', '00e001ba9f5f750d0518bc9338ae3e72f36676'],
    ['no value', hash, null, '00e001ba9f5f750d0518bc9338ae3e72f3'],
    ['no hash', null, 'fv', '806676'],
    ['neither', null, null, '80'],
  ])('writes a response with %s as Kafka Streams does', (_title, responseHash, foreignValue, bytes) => {
    const response = { hash: responseHash, foreignValue, primaryPartition: 3 };

    expect(hex(responses.encode(response, 'topic'))).toBe(bytes);
  });

  it('writes a combined key as Kafka Streams does, and finds the primary key in it', () => {
    const key = combinedKey(Buffer.from('fk'), Buffer.from('key'));

    expect(hex(key)).toBe('00000002666b6b6579');
    expect(hex(combinedKeyPrefix(Buffer.from('fk')))).toBe('00000002666b');
    expect(Buffer.from(primaryKeyOf(key)).toString()).toBe('key');
  });

  it('reads every subscription that it wrote', () => {
    const anySubscription = fc.record({
      hash: fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 })),
      instruction: fc.constantFrom('unsubscribe', 'unsubscribe_and_respond', 'respond', 'respond_if_found'),
      primaryKey: fc.uint8Array(),
      primaryPartition: fc.option(fc.nat()),
    });
    fc.assert(
      fc.property(anySubscription, (sent) => {
        const read = subscriptionSerde.decode(
          subscriptionSerde.encode(sent as Subscription, 't') ?? new Uint8Array(),
          't',
        );

        expect(
          read && { ...read, hash: read.hash && hex(read.hash), primaryKey: hex(read.primaryKey) },
        ).toEqual({
          ...sent,
          hash: sent.hash && hex(sent.hash),
          primaryKey: hex(sent.primaryKey),
        });
      }),
    );
  });

  it('reads a response, whose partition does not travel', () => {
    const bytes =
      responses.encode({ hash, foreignValue: 'fv', primaryPartition: 3 }, 't') ?? new Uint8Array();

    expect(responses.decode(bytes, 't')).toEqual({
      hash: expect.objectContaining({ length: 16 }),
      foreignValue: 'fv',
      primaryPartition: null,
    });
  });

  it('refuses versions and instructions that it does not know', () => {
    expect(() => subscriptionSerde.decode(Uint8Array.of(2, 0), 't')).toThrow('version 2');
    expect(() => subscriptionSerde.decode(Uint8Array.of(0x81, 9, 0, 0, 0, 0), 't')).toThrow('instruction 9');
    expect(() => responses.decode(Uint8Array.of(1), 'answers')).toThrow('topic answers has version 1');
  });
});
