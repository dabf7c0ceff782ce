import { z } from 'zod';
import { declareEvents, firstVersion, fromVersion1 } from './event-versions.ts';

/**
 * The events of a ledger whose `Booked` has had three versions: first an amount as text, then a
 * whole number of cents, and at last with a currency.
 */
export const booked1 = z.strictObject({
  type: z.literal('Booked'),
  amount: z.string().regex(/^\d{1,6}\.\d{2}$/),
});
export const booked2 = z.strictObject({ type: z.literal('Booked'), cents: z.number().int().min(0) });
export const booked3 = z.strictObject({ ...booked2.shape, currency: z.string().length(3) });

export type LedgerEvent = z.infer<typeof booked3> | { readonly type: 'Closed'; readonly reason: string };

export const inCents = ({ type, amount }: z.infer<typeof booked1>): z.infer<typeof booked2> => ({
  type,
  cents: Number(amount.replace('.', '')),
});

/** The declarations of three releases. */
export const ledgerRelease1 = { Booked: fromVersion1(booked1), Closed: firstVersion };
export const ledgerRelease2 = {
  Booked: fromVersion1(booked1).upcastTo(booked2, inCents),
  Closed: firstVersion,
};
export const ledgerRelease3 = declareEvents<LedgerEvent>({
  Booked: fromVersion1(booked1)
    .upcastTo(booked2, inCents)
    .upcastTo(booked3, (event) => ({ ...event, currency: 'EUR' })),
  Closed: firstVersion,
});

/** Stores what is in euros as the second release has stored it. */
export const ledgerRelease3Beside = declareEvents<LedgerEvent>({
  Booked: fromVersion1(booked1)
    .upcastTo(booked2, inCents)
    .upcastTo(booked3, (event) => ({ ...event, currency: 'EUR' }), {
      fitsBefore: ({ currency, ...event }) => (currency === 'EUR' ? event : undefined),
    }),
  Closed: firstVersion,
});

export const ledger = {
  initialState: { cents: 0, currency: '' },
  evolve: (state: { cents: number; currency: string }, event: LedgerEvent) =>
    event.type === 'Booked' ? { cents: state.cents + event.cents, currency: event.currency } : state,
};
