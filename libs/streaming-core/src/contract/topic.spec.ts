import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { hours } from '../runtime/clock.ts';
import { anyMessageOf, InvalidMessage, topic } from './topic.ts';

const trips = topic(
  'trip-events',
  { key: 'tripId', partitions: 1, retention: hours(1) },
  { TripAsked: z.strictObject({ tripId: z.string(), city: z.strictObject({ name: z.string() }) }) },
);

describe('the constructor of a message', () => {
  it('rejects an invalid payload, and names the message and the field', () => {
    const construct = () => trips.TripAsked({ tripId: 't1', city: { name: 7 as unknown as string } });
    expect(construct).toThrow(InvalidMessage);
    expect(construct).toThrow('TripAsked is not valid: city.name: Invalid input: expected string');
  });
});

describe('the schema of any message of a topic', () => {
  const { parse } = anyMessageOf(trips);

  it('rejects a message that does not fit its type, and what has no type', () => {
    expect(parse({ type: 'TripAsked', tripId: 't1', city: { name: 'Bern' } })).toMatchObject({
      tripId: 't1',
    });
    expect(() => parse({ type: 'TripAsked' })).toThrow('tripId');
    expect(() => parse('x')).toThrow('expected object');
  });

  it('lets a type pass that the topic does not declare', () => {
    expect(parse({ type: 'TripBooked', seats: 2 })).toEqual({ type: 'TripBooked', seats: 2 });
  });
});
