import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SagaDefinitionsView } from '@millrace/operations/contract';
import { millrace, millraceJson } from '../cli.fixture.ts';
import { opsStub, type OpsStub } from '../ops-stub.fixture.ts';

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

const trip: SagaDefinitionsView['items'][number] = {
  name: 'trip',
  version: 2,
  startsNew: true,
  starts: event('TripAsked'),
  startsConditionally: true,
  startsLocally: false,
  deadline: { afterMs: 259_200_000, reason: 'overdue' },
  cancelledBy: { message: event('TripAbandoned'), reason: 'abandoned' },
  parts: [
    {
      kind: 'branch',
      name: 'dear',
      then: [
        {
          kind: 'wait',
          name: 'approval',
          event: event('TripApproved'),
          refused: event('TripDenied'),
          timeoutMs: 28_800_000,
          timedOut: [{ kind: 'fail', reason: 'not_approved' }],
        },
      ],
      otherwise: [{ kind: 'delay', name: 'rest', ms: 1_500 }],
    },
    { kind: 'parallel', members: [step, { ...step, name: 'seat' }] },
    { ...last, kind: 'pivot', name: 'confirm', rejected: event('TripRefused'), local: true },
    { ...last, kind: 'retriable', name: 'ticket', accepted: event('TicketSent') },
  ],
  closing: { accepted: event('TripClosed') },
  commandTopics: ['trip-commands'],
  instances: 9,
  waiting: [
    { part: 'room', status: 'running', instances: 4 },
    { part: 'room', status: 'compensating', instances: 2 },
    { part: 'approval', status: 'running', instances: 1 },
    { part: '(closing)', status: 'closing', instances: 3 },
  ],
};
const earlier = { ...trip, version: 1, startsNew: false, parts: [], waiting: [], instances: 0 };
const walk = { ...earlier, name: 'walk', startsConditionally: false, deadline: null, cancelledBy: null };

describe('millrace sagas definition', () => {
  let order: OpsStub;
  let other: OpsStub;
  beforeEach(async () => {
    order = await opsStub(({ path }) =>
      path === '/ops/saga-definitions' ? { body: { items: [trip, earlier, walk] } } : undefined,
    );
    other = await opsStub(() => undefined);
  });
  afterEach(() => [order, other].forEach((stub) => stub.close()));
  const line = (...args: string[]) => [
    'sagas',
    'definition',
    ...args,
    '--ops',
    `payment=${other.url}`,
    '--ops',
    `order=${order.url}`,
  ];

  it('prints the parts as an indented list with replies and waiting sagas', async () => {
    const { exitCode, out } = await millrace(line('trip'));
    expect(exitCode).toBe(0);
    expect(out.split('\n\n')[0]?.split('\n')).toEqual([
      'trip version 2 of order, which new sagas start with: 9 live',
      'starts with TripAsked (trip-events), if its condition holds',
      '  branch dear',
      '    then',
      '      wait approval: TripApproved (trip-events) or TripDenied (trip-events), for 28800 s [1 waiting]',
      '        not in time',
      '          fail: not_approved',
      '    otherwise',
      '      delay rest: 1.5 s',
      '  side by side',
      '    step room -> RoomBooked (trip-events) or RoomRefused (trip-events), timeout 120 s, resends 1 [4 waiting]',
      '      undo -> RoomFreed (trip-events) [2 waiting]',
      '    step seat -> RoomBooked (trip-events) or RoomRefused (trip-events), timeout 120 s, resends 1',
      '      undo -> RoomFreed (trip-events)',
      '  pivot confirm -> RoomBooked (trip-events) or TripRefused (trip-events), decided by the service itself',
      '  retriable ticket -> TicketSent (trip-events)',
      'cancelled by TripAbandoned (trip-events): abandoned',
      'deadline after 259200 s: overdue',
      'closes -> TripClosed (trip-events) [3 waiting]',
    ]);
  });

  it('prints every version of the named definition, and all definitions without a name', async () => {
    const heads = async (...args: string[]) =>
      (await millrace(line(...args))).out.split('\n\n').map((text) => text.split('\n')[0]);
    const versions = [
      'trip version 2 of order, which new sagas start with: 9 live',
      'trip version 1 of order: 0 live',
    ];
    expect(await heads('trip')).toEqual(versions);
    expect(await heads()).toEqual([...versions, 'walk version 1 of order: 0 live']);
  });

  it('prints the definitions as JSON, each with its service', async () => {
    expect(await millraceJson(line('walk'))).toEqual([{ service: 'order', ...walk }]);
  });

  it('refuses a name that no service knows, and lists those that are known', async () => {
    expect(await millrace(line('trek'))).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('no service has a definition trek: the definitions are trip, walk'),
    });
  });
});
