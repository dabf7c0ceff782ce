import {
  assertNever,
  declareEvents,
  firstVersion,
  rejected,
  toPublic,
  type Decider,
  type Erased,
  type PersonalPart,
  type PublicMessage,
} from '@millrace/event-sourcing';
import { saga } from '@millrace/saga';
import { topic } from '@millrace/streaming-core/contract';
import { minutes } from '@millrace/streaming-core/runtime';
import { z } from 'zod';

/**
 * The sample domain of this library's tests: guests visit, and a saga gets them a room and then
 * hands them the key. A visit has two events. It knows no contract of the services, so a fork that
 * replaces them keeps the tests.
 */

const options = { key: 'visitId', partitions: 2, retention: minutes(60) } as const;
const about = z.strictObject({ visitId: z.string() });
const refusal = z.strictObject({
  visitId: z.string(),
  reason: z.enum(['full', 'cancelled', 'step_timeout']),
});

export const visitEvents = topic('visit-events', options, {
  VisitPlanned: z.strictObject({ visitId: z.string(), guestId: z.string() }),
  VisitCancelled: about,
});
export const roomCommands = topic('room-commands', options, {
  PrepareRoom: about,
  ReleaseRoom: about,
  HandOverKey: about,
  CloseVisit: refusal,
});
export const roomEvents = topic('room-events', options, {
  RoomPrepared: about,
  RoomRefused: refusal,
  RoomReleased: about,
  KeyHandedOver: about,
  KeyRefused: refusal,
  VisitClosed: about,
});

interface Guest extends PersonalPart {
  readonly name: string;
}
export type VisitEvent =
  | {
      readonly type: 'VisitPlanned';
      readonly visitId: string;
      readonly guestId: string;
      readonly personal: Guest | Erased;
    }
  | { readonly type: 'VisitCancelled'; readonly visitId: string };
type VisitCommand =
  | { readonly type: 'Plan'; readonly visitId: string; readonly guestId: string; readonly name: string }
  | { readonly type: 'Cancel'; readonly visitId: string };
type Visit =
  | { readonly status: 'absent' }
  | {
      readonly status: 'planned';
      readonly visitId: string;
      readonly guestId: string;
      readonly personal: Guest | Erased;
    }
  | { readonly status: 'cancelled'; readonly visitId: string; readonly guestId: string };

export const visit: Decider<VisitCommand, VisitEvent, Visit, 'not_planned'> = {
  initialState: { status: 'absent' },
  decide(command, state) {
    const { visitId } = command;
    switch (command.type) {
      case 'Plan': {
        const { guestId, name } = command;
        return [{ type: 'VisitPlanned', visitId, guestId, personal: { subject: guestId, name } }];
      }
      case 'Cancel':
        return state.status === 'planned' ? [{ type: 'VisitCancelled', visitId }] : rejected('not_planned');
      default:
        return assertNever(command);
    }
  },
  evolve(state, event) {
    if (event.type === 'VisitPlanned') {
      const { visitId, guestId, personal } = event;
      return { status: 'planned', visitId, guestId, personal };
    }
    if (state.status === 'absent') throw new Error('the first event of a visit must be VisitPlanned');
    return { status: 'cancelled', visitId: state.visitId, guestId: state.guestId };
  },
};
export const visitEventTypes = declareEvents<VisitEvent>({
  VisitPlanned: firstVersion,
  VisitCancelled: firstVersion,
});

export const visitStream = (visitId: string): string => `visit-${visitId}`;

export const publicMessages = (event: VisitEvent): readonly PublicMessage[] =>
  event.type === 'VisitPlanned'
    ? [toPublic(visitEvents.VisitPlanned, { visitId: event.visitId, guestId: event.guestId })]
    : [toPublic(visitEvents.VisitCancelled, { visitId: event.visitId })];

export const hosting = saga('hosting', {
  version: 1,
  starts: visitEvents.VisitPlanned,
  startsLocally: true,
  id: ({ visitId }) => visitId,
  subject: 'visit',
  commands: [roomCommands],
})
  .step('room', {
    command: ({ visit: { visitId } }) => roomCommands.PrepareRoom({ visitId }),
    accepted: roomEvents.RoomPrepared,
    rejected: roomEvents.RoomRefused,
    compensation: ({ visit: { visitId } }) => roomCommands.ReleaseRoom({ visitId }),
    compensated: roomEvents.RoomReleased,
  })
  .pivot('key', {
    command: ({ visit: { visitId } }) => roomCommands.HandOverKey({ visitId }),
    accepted: roomEvents.KeyHandedOver,
    rejected: roomEvents.KeyRefused,
  })
  .cancelledBy(visitEvents.VisitCancelled, { reason: 'cancelled' })
  .whenCompensated(
    ({ visit: { visitId }, failure }) => roomCommands.CloseVisit({ visitId, reason: failure.reason }),
    { accepted: roomEvents.VisitClosed },
  );
