import { describe, expect, it, jest } from '@jest/globals';
import { repair } from '../decision/sample-repair.fixture.ts';
import { trip, withLocalPivot } from '../decision/sample-saga.fixture.ts';
import { describeDefinition, type DescribedPart } from './describe-definition.ts';
import { begin, commands, confirmed, room, trips } from './trip.fixture.ts';

const on = (topic: string) => (type: string) => ({ type, topic });
const workshopEvent = on('workshop-events');
const repairEvent = on('repair-events');

const partOf = (parts: readonly DescribedPart[], name: string) =>
  parts.find((part) => 'name' in part && part.name === name);

describe('describeDefinition', () => {
  const { parts, ...whole } = describeDefinition(repair);

  it('has the messages that start, cancel and close the saga', () => {
    expect(whole).toEqual({
      name: 'repair',
      version: 1,
      starts: repairEvent('RepairAsked'),
      startsConditionally: true,
      startsLocally: false,
      deadline: { afterMs: 259_200_000, reason: 'overdue' },
      cancelledBy: { message: repairEvent('RepairWithdrawn'), reason: 'withdrawn' },
      closing: { accepted: repairEvent('RepairClosed') },
      commandTopics: ['workshop-commands'],
    });
    expect(
      describeDefinition(
        begin()
          .step('book', { ...room, command: bookRoom })
          .whenCompensated(close, closed),
      ),
    ).toMatchObject({ startsConditionally: false, deadline: null, cancelledBy: null });
  });

  it('keeps the order of the parts', () => {
    expect(parts.map((part) => ('name' in part ? `${part.kind} ${part.name}` : part.kind))).toEqual([
      'branch dear',
      'step slot',
      'wait device',
      'parallel',
      'pivot confirm',
      'delay burn-in',
      'parallel',
    ]);
  });

  it('shows both paths of a branch, and a wait with its refusal and the path of its timeout', () => {
    expect(partOf(parts, 'dear')).toEqual({
      kind: 'branch',
      name: 'dear',
      then: [
        {
          kind: 'wait',
          name: 'approval',
          event: repairEvent('RepairApproved'),
          refused: repairEvent('RepairDenied'),
          timeoutMs: 28_800_000,
          timedOut: [{ kind: 'fail', reason: 'no_approval' }],
        },
      ],
      otherwise: [],
    });
    expect(partOf(parts, 'device')).toMatchObject({ refused: null });
    expect(partOf(parts, 'burn-in')).toEqual({ kind: 'delay', name: 'burn-in', ms: 3_600_000 });
  });

  it('shows the replies and the compensation of a step', () => {
    expect(partOf(parts, 'slot')).toEqual({
      kind: 'step',
      name: 'slot',
      accepted: workshopEvent('SlotBooked'),
      rejected: workshopEvent('SlotRefused'),
      compensation: { accepted: workshopEvent('SlotFreed') },
      timeoutMs: null,
      resendsMax: null,
      local: false,
    });
  });

  it('shows the members of a group', () => {
    const groups = parts.flatMap((part) => (part.kind === 'parallel' ? [part.members] : []));
    expect(groups).toMatchObject([
      [
        { kind: 'step', name: 'parts' },
        { kind: 'step', name: 'engineer' },
      ],
      [
        { kind: 'retriable', name: 'invoice', rejected: null },
        { kind: 'retriable', name: 'device-back', rejected: null },
      ],
    ]);
  });

  it('shows timeouts and resends that the definition sets, and a pivot that the service decides', () => {
    expect(partOf(describeDefinition(trip).parts, 'car')).toMatchObject({
      timeoutMs: 120_000,
      resendsMax: 1,
    });
    expect(partOf(parts, 'confirm')).toMatchObject({ kind: 'pivot', local: false, compensation: null });
    expect(partOf(describeDefinition(withLocalPivot).parts, 'confirm')).toMatchObject({ local: true });
  });

  it('calls a step that cannot be rejected inform before the pivot, and retriable after it', () => {
    const told = begin()
      .inform('tell', { command: bookRoom, accepted: room.accepted })
      .pivot('confirm', { ...confirmed, command: () => commands.ConfirmTrip({ tripId: 't1' }) })
      .whenCompensated(close, closed);
    expect(describeDefinition(told).parts).toMatchObject([
      { kind: 'inform', name: 'tell' },
      { kind: 'pivot' },
    ]);
    expect(partOf(describeDefinition(trip).parts, 'ticket')).toMatchObject({ kind: 'retriable' });
  });

  it('calls no function of the definition, which could loop over data that it does not have', () => {
    const build = jest.fn(bookRoom);
    describeDefinition(
      begin()
        .step('book', { ...room, command: build })
        .whenCompensated(close, closed),
    );
    expect(build).not.toHaveBeenCalled();
  });

  it('is data that JSON keeps as it is', () => {
    expect(JSON.parse(JSON.stringify({ parts, ...whole }))).toEqual({ parts, ...whole });
  });
});

const bookRoom = () => commands.BookRoom({ tripId: 't1', city: 'Turin', guest: 'Ada' });
const close = () => commands.CloseTrip({ tripId: 't1', reason: 'step_timeout' });
const closed = { accepted: trips.TripClosed } as const;
