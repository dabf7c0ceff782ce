import { notificationCommands, orderEvents, type NotificationKind } from '@millrace/contracts';
import { assertNever, isErased, toPublic, type PublicMessage } from '@millrace/event-sourcing';
import type { ReturnEvent } from './events.ts';
import type { Return } from './return.ts';

/** Returns the public messages for a private event of a return, and the command to mail the customer. */
export function messagesOfReturn(event: ReturnEvent, state: Return): readonly PublicMessage[] {
  const { orderId } = event;
  switch (event.type) {
    case 'ReturnRequested': {
      const { customerId, lines, refund, requestedAt } = event;
      return [
        toPublic(orderEvents.ReturnRequested, {
          orderId,
          customerId,
          lines: [...lines],
          refund,
          requestedAt,
        }),
      ];
    }
    case 'ReturnApproved':
      return [toPublic(orderEvents.ReturnApproved, { orderId, approvedAt: event.approvedAt })];
    case 'ReturnDenied':
      return [toPublic(orderEvents.ReturnDenied, { orderId, reason: 'denied' as const })];
    case 'ReturnWithdrawn':
      return [toPublic(orderEvents.ReturnWithdrawn, { orderId, withdrawnAt: event.withdrawnAt })];
    case 'ReturnAnnounced': {
      const { trackingNumber } = event;
      return [
        toPublic(orderEvents.ReturnAnnounced, { orderId, trackingNumber }),
        ...mailsOf('return-label', state),
      ];
    }
    case 'ReturnCompletionRejected':
      return [toPublic(orderEvents.ReturnCompletionRejected, { orderId, reason: event.reason })];
    case 'ReturnCompleted': {
      const { refund } = existing(state);
      return [
        toPublic(orderEvents.ReturnCompleted, { orderId, refund, completedAt: event.completedAt }),
        ...mailsOf('return-completed', state),
      ];
    }
    case 'ReturnClosed': {
      const { reason, closedAt } = event;
      return [
        toPublic(orderEvents.ReturnClosed, { orderId, reason, closedAt }),
        ...mailsOf('return-closed', state),
      ];
    }
    default:
      return assertNever(event);
  }
}

function existing(state: Return) {
  if (state.status === 'none') throw new Error('a public message of a return needs the return');
  return state;
}

/** Returns the mail to the customer, or none if the customer was erased. */
function mailsOf(kind: NotificationKind, state: Return): readonly PublicMessage[] {
  const { orderId, customerId, refund: total, trackingNumber, personal } = existing(state);
  if (isErased(personal)) return [];
  const label = trackingNumber === undefined ? {} : { trackingNumber };
  const reason = state.status === 'closed' ? { reason: state.reason } : {};
  const { email: to, name } = personal;
  const mail = { orderId, customerId, kind, to, name, total, ...label, ...reason };
  return [toPublic(notificationCommands.SendOrderMail, mail)];
}
