import { describe, expect, it } from '@jest/globals';
import { rowsOf, type Drawn } from './diagram-model.ts';

const event = (type: string) => ({ type, topic: 'trip-events' });
const step = {
  kind: 'step',
  name: 'room',
  accepted: event('RoomBooked'),
  rejected: event('RoomRefused'),
  compensation: { accepted: event('RoomFreed') },
  timeoutMs: 120_000,
  resendsMax: 1,
  local: false,
} as const;
const last = { ...step, rejected: null, compensation: null, timeoutMs: null, resendsMax: null } as const;
const pivot = {
  ...last,
  kind: 'pivot',
  name: 'confirm',
  rejected: event('TripRefused'),
  local: true,
} as const;
const wait = {
  kind: 'wait',
  name: 'visa',
  event: event('VisaGiven'),
  refused: null,
  timeoutMs: 86_400_000,
  timedOut: [],
} as const;
const trip = {
  name: 'trip',
  starts: event('TripAsked'),
  startsConditionally: false,
  parts: [step, pivot, { ...last, kind: 'retriable', name: 'ticket' } as const],
  closing: { accepted: event('TripClosed') },
  waiting: [],
  deadline: null,
  cancelledBy: null,
};

const namesOf = (drawn: Drawn): unknown =>
  'paths' in drawn
    ? { [drawn.title]: drawn.paths.map(({ label, drawn: parts }) => [label, ...parts.map(namesOf)]) }
    : drawn.name;
const shapeOf = (definition: Parameters<typeof rowsOf>[0]) =>
  rowsOf(definition).map(({ down, up, phase }) => [phase, namesOf(down), ...up.map(({ name }) => name)]);

describe('the diagram of a definition', () => {
  it('goes down to the end, and back up through the compensation of each step', () => {
    expect(shapeOf(trip)).toEqual([
      ['start', 'start', 'compensated', 'close the saga'],
      ['undoable', 'room', 'undo room'],
      ['pivot', 'confirm', 'What starts the undoing'],
      ['final', 'ticket'],
      ['end', 'completed'],
    ]);
  });

  it('can be undone until its end without a pivot', () => {
    expect(shapeOf({ ...trip, parts: [step] }).at(-1)).toEqual([
      'end',
      'completed',
      'What starts the undoing',
    ]);
  });

  it('puts paths side by side, next to the compensations of their steps', () => {
    const seat = { ...step, name: 'seat' };
    const parts = [
      { kind: 'parallel', members: [step, seat] } as const,
      { kind: 'branch', name: 'dear', then: [{ ...step, name: 'loan' }], otherwise: [] } as const,
      { ...wait, timedOut: [{ ...step, name: 'proxy' }] },
    ];
    expect(shapeOf({ ...trip, parts }).slice(1, -1)).toEqual([
      [
        'undoable',
        {
          'at the same time': [
            ['', 'room'],
            ['', 'seat'],
          ],
        },
        'undo room',
        'undo seat',
      ],
      ['undoable', { 'dear?': [['yes', 'loan'], ['no']] }, 'undo loan'],
      ['undoable', 'visa'],
      ['undoable', { 'visa in time?': [['yes'], ['no', 'proxy']] }, 'undo proxy'],
    ]);
  });

  it('shows what a part waits for, how long, and how often its command is sent', () => {
    const fail = { kind: 'fail', reason: 'no_visa' } as const;
    const parts = [step, pivot, trip.parts[2]!, wait, { ...wait, timedOut: [fail] }];
    const cards = rowsOf({ ...trip, parts }).map(({ down }) => down);
    expect(cards[1]).toMatchObject({
      replies: [
        { type: 'RoomBooked', leadsOn: true },
        { type: 'RoomRefused', leadsOn: false },
      ],
    });
    expect(cards.flatMap((card) => ('facts' in card ? card.facts : []))).toEqual([
      'timeout 2 min, resends 1',
      'decided by the service itself',
      'timeout as usual, resends until answered',
      'after 1 d it goes on',
      'after 1 d the saga is undone: no visa',
    ]);
  });

  it('counts the sagas that wait for a part apart from those that undo it, and links to them', () => {
    const waiting = [
      { part: 'room', status: 'running', instances: 4 },
      { part: 'room', status: 'compensating', instances: 2 },
      { part: '(closing)', status: 'closing', instances: 3 },
    ] as const;
    const [start, room] = rowsOf({ ...trip, waiting });
    expect(room?.down).toMatchObject({
      waiting: { instances: 4, href: '/sagas?definition=trip&step=room&state=running' },
    });
    expect(room?.up).toMatchObject([{ waiting: { instances: 2 } }]);
    expect(start?.up[1]).toMatchObject({ waiting: { instances: 3 } });
  });

  it('names everything that starts the compensation', () => {
    const [, , confirm] = rowsOf({
      ...trip,
      deadline: { afterMs: 86_400_000, reason: 'overdue' },
      cancelledBy: { message: event('TripAbandoned'), reason: 'by_guest' },
    });
    expect(confirm?.up[0]?.facts).toEqual([
      'a refusal, or a step without a reply',
      'TripAbandoned: by guest',
      'the deadline of 1 d: overdue',
      'an operator',
    ]);
  });
});
