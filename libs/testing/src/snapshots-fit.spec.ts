import { describe, expect, it } from '@jest/globals';
import { stateSchema, type Folding } from '@millrace/event-sourcing';
import { z } from 'zod';
import { assertSnapshotsFit } from './snapshots-fit.ts';

type Moved = { type: 'Moved'; to: string; personal?: { by: string } };
const moved = (to: string): Moved => ({ type: 'Moved', to, personal: { by: `Ada ${to}` } });
const visits = z.record(z.string(), z.number());
type Visits = z.infer<typeof visits>;

const traveller = (parts: Partial<Folding<Moved, Visits>> = {}): Folding<Moved, Visits> => ({
  initialState: {},
  evolve: (state, { to }) => ({ ...state, [to]: (state[to] ?? 0) + 1 }),
  snapshots: stateSchema('traveller', { version: 1, schema: visits }),
  ...parts,
});
const events = ['Rome', 'Bern', 'Rome', 'Oslo'].map(moved);

describe('the check of snapshots', () => {
  it('accepts a domain that reaches the same state from every snapshot as from its events', () => {
    expect(() => assertSnapshotsFit(traveller(), events)).not.toThrow();
  });

  it('notices that evolve keeps something outside the state', () => {
    const seen = new WeakSet<Visits>();
    const evolve = (state: Visits, { to }: Moved): Visits => {
      const next = seen.has(state) ? { ...state, [to]: (state[to] ?? 0) + 1 } : { [to]: 1 };
      seen.add(next);
      return next;
    };
    expect(() => assertSnapshotsFit(traveller({ evolve }), events)).toThrow(/from a snapshot at version 1/);
  });

  it('notices a state that JSON cannot hold', () => {
    const evolve = (): Visits => ({ Rome: NaN });
    expect(() => assertSnapshotsFit(traveller({ evolve }), events)).toThrow(
      expect.objectContaining({ code: 'state_not_storable' }),
    );
  });

  it('notices personal data', () => {
    const evolve = (state: Visits, { personal }: Moved): Visits => ({
      ...state,
      [personal?.by ?? 'nobody']: 1,
    });
    expect(() => assertSnapshotsFit(traveller({ evolve }), events)).toThrow(/personal/);
  });

  it('refuses a domain that declares no snapshots', () => {
    expect(() => assertSnapshotsFit(traveller({ snapshots: undefined }), events)).toThrow(TypeError);
  });
});
