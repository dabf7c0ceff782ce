import { describe, expect, it } from '@jest/globals';
import { json } from './serdes.ts';

const onlyNumbers = {
  parse(value: unknown): number {
    if (typeof value === 'number') return value;
    throw new Error('not a number');
  },
};

describe('the JSON serde', () => {
  it('checks what it reads with the schema', () => {
    const serde = json(onlyNumbers);

    expect(serde.decode(Buffer.from('12'), 'orders')).toBe(12);
    expect(() => serde.decode(Buffer.from('"12"'), 'orders')).toThrow(
      'serde json, topic orders: the schema refuses the value: not a number',
    );
  });

  it('reads the text null as no value, with or without a schema', () => {
    expect(json().decode(Buffer.from('null'), 'orders')).toBeNull();
    expect(json(onlyNumbers).decode(Buffer.from('null'), 'orders')).toBeNull();
  });

  it('names the topic of bytes that are not JSON', () => {
    expect(() => json().decode(Buffer.from('{'), 'orders')).toThrow(
      'serde json, topic orders: the bytes are not JSON',
    );
  });

  it('refuses what JSON cannot express', () => {
    expect(() => json<unknown>().encode(undefined, 'orders')).toThrow('JSON has no undefined');
    expect(() => json<unknown>().encode(1n, 'orders')).toThrow('the value is not JSON');
  });
});
