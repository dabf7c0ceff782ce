import { describe, expect, it } from '@jest/globals';
import { BlockedError } from '@millrace/streaming-core/consumer';
import { assertUpcastersTotal } from '@millrace/testing/upcasters';
import type { z } from 'zod';
import type { RecordedEvent } from './event-store.ts';
import {
  eventCatalog,
  undeclaredEvents,
  declareEvents,
  firstVersion,
  fromVersion1,
  type EventChain,
} from './event-versions.ts';
import {
  booked1,
  booked2,
  booked3,
  inCents,
  ledgerRelease2,
  ledgerRelease3,
  ledgerRelease3Beside,
  type LedgerEvent,
} from './versioned.fixture.ts';

const stored = (event: RecordedEvent['event'], schemaVersion: number): RecordedEvent => ({
  id: '019c0000-0000-7000-8000-000000000001',
  stream: 'ledger-1',
  version: 4n,
  event,
  schemaVersion,
  metadata: { correlationId: 'story', causationId: 'request' },
  recordedAt: new Date(0),
});

describe('upcasters', () => {
  const { toPresent } = eventCatalog([ledgerRelease3]);
  const present = { type: 'Booked', cents: 1250, currency: 'EUR' };

  it.each([
    [1, { type: 'Booked', amount: '12.50' }],
    [2, { type: 'Booked', cents: 1250 }],
    [3, present],
  ])('E24 begin at the version that is stored: %i', (schemaVersion, event) => {
    expect(toPresent(stored(event, schemaVersion))).toEqual(stored(present, 3));
  });

  it('change nothing in an event that is of its present version', () => {
    const event = stored(present, 3);
    expect(toPresent(event)).toBe(event);
    expect(toPresent(toPresent(stored({ type: 'Booked', cents: 1250 } as never, 2)))).toEqual(event);
  });

  it('E24 turn every event that a version accepts into a valid present one', () => {
    assertUpcastersTotal(ledgerRelease3);
  });

  it('fail the check of totality if a step forgets a case', () => {
    const forgetful = fromVersion1(booked1).upcastTo(booked2, (event) =>
      event.amount.length < 8 ? { ...inCents(event), cents: -1 } : inCents(event),
    );
    expect(() => assertUpcastersTotal({ Booked: forgetful })).toThrow(/Counterexample: .*Booked.*"amount"/);
  });

  it('E31 are undone by fitsBefore, or the check of totality fails with the event', () => {
    assertUpcastersTotal(ledgerRelease3Beside);
    const declare = (fitsBefore: (event: z.infer<typeof booked3>) => z.infer<typeof booked2>) => ({
      Booked: fromVersion1(booked1)
        .upcastTo(booked2, inCents)
        .upcastTo(booked3, (event) => ({ ...event, currency: 'EUR' }), { fitsBefore }),
    });
    const causedBy = (problem: string) =>
      expect.objectContaining({
        cause: expect.objectContaining({ message: expect.stringContaining(problem) }),
      });
    expect(() => assertUpcastersTotal(declare(({ type, cents }) => ({ type, cents })))).toThrow(
      causedBy('Booked v3 is not what its form in v2 becomes'),
    );
    expect(() => assertUpcastersTotal(declare((event) => event))).toThrow(
      causedBy('Booked v3 has no valid form in v2'),
    );
  });

  it('cannot follow a step with fitsBefore', () => {
    const { Booked } = ledgerRelease3Beside as unknown as Record<'Booked', EventChain<LedgerEvent>>;
    expect(() => Booked.upcastTo(booked3, (event) => event as z.infer<typeof booked3>)).toThrow(
      'version 3 of an event has fitsBefore and is not the last one: remove it',
    );
  });

  it('are checked by the compiler', () => {
    // @ts-expect-error A step takes the version before it.
    fromVersion1(booked1).upcastTo(booked2, (event: { type: 'Booked'; euros: number }) => event);
    // @ts-expect-error A step returns what the schema of its version describes.
    fromVersion1(booked1).upcastTo(booked2, ({ type }) => ({ type, cents: 'none' }));
    fromVersion1(booked1).upcastTo(booked2, inCents, {
      // @ts-expect-error The form before is what the schema of its version describes.
      fitsBefore: ({ type, cents }) => ({ type, amount: cents }),
    });
    // @ts-expect-error The last version is the event that the domain knows.
    declareEvents<LedgerEvent>({ Booked: fromVersion1(booked1), Closed: firstVersion });
    // @ts-expect-error Every type is declared.
    declareEvents<LedgerEvent>({ Closed: firstVersion });
    expect(booked3.shape.currency).toBeDefined();
  });
});

describe('a catalog of event types', () => {
  it('gives new events the present version, and refuses a type that nobody has declared', () => {
    const { versionOfNew } = eventCatalog([ledgerRelease3]);
    expect({ Booked: versionOfNew('Booked'), Closed: versionOfNew('Closed') }).toEqual({
      Booked: 3,
      Closed: 1,
    });
    expect(() => versionOfNew('Opened')).toThrow('the event type Opened is not declared');
  });

  it('E31 stores a new event in the version before if it fits, and otherwise in the present one', () => {
    const { toStored, versionOfNew } = eventCatalog([ledgerRelease3Beside]);
    const booked = (currency: string) => ({ type: 'Booked', cents: 5, currency });
    expect(toStored(booked('EUR'))).toEqual({ event: { type: 'Booked', cents: 5 }, schemaVersion: 2 });
    expect(toStored(booked('USD'))).toEqual({ event: booked('USD'), schemaVersion: 3 });
    expect(toStored({ type: 'Closed' })).toEqual({ event: { type: 'Closed' }, schemaVersion: 1 });
    expect(versionOfNew('Booked')).toBe(3);
    expect(() => toStored({ type: 'Opened' })).toThrow('the event type Opened is not declared');
  });

  it.each([
    ['an unknown type', { type: 'Opened' }, 1, 'is Opened v1, but this release does not know the type'],
    ['a later version', { type: 'Booked' }, 3, 'is Booked v3, but this release knows it up to v2'],
  ])('refuses to read an event of %s', (_, event, schemaVersion, problem) => {
    const { toPresent } = eventCatalog([ledgerRelease2]);
    expect(() => toPresent(stored(event, schemaVersion))).toThrow(`version 4 of stream ledger-1 ${problem}`);
  });

  it('keeps the message of a newer release on the log for a process that can read its events', () => {
    const { toPresent } = eventCatalog([ledgerRelease2]);
    const read = () => toPresent(stored({ type: 'Opened' }, 1));
    expect(read).toThrow(expect.objectContaining({ cause: expect.any(BlockedError) }));
  });

  it('refuses two domains that declare the same type', () => {
    expect(() => eventCatalog([ledgerRelease2, { Closed: firstVersion }])).toThrow(
      'two domains of one store declare the event type Closed',
    );
  });

  it('takes every event for version 1 if nothing is declared', () => {
    const event = stored({ type: 'Anything' }, 1);
    expect(undeclaredEvents.toPresent(event)).toBe(event);
    expect(undeclaredEvents.versionOfNew('Anything')).toBe(1);
    expect(undeclaredEvents.toStored(event.event)).toEqual({ event: event.event, schemaVersion: 1 });
  });
});
