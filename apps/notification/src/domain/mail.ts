import type { NotificationKind } from '@millrace/contracts';
import { assertNever, type Decider } from '@millrace/event-sourcing';
import type { MailEvent, MailFailure } from './events.ts';

export type MailCommand =
  | {
      readonly type: 'RequestMail';
      readonly orderId: string;
      /** Absent in requests of earlier releases. */
      readonly customerId?: string;
      readonly kind: NotificationKind;
      readonly subject: string;
      readonly to: string;
      readonly text: string;
    }
  | {
      readonly type: 'RecordSent';
      readonly orderId: string;
      readonly kind: NotificationKind;
      readonly subject: string;
      readonly sentAt: string;
    }
  | {
      readonly type: 'RecordFailure';
      readonly orderId: string;
      readonly kind: NotificationKind;
      readonly subject: string;
      readonly reason: MailFailure;
      readonly failedAt: string;
    };

/** A mail to send. */
export interface MailCall {
  readonly orderId: string;
  readonly customerId?: string;
  readonly kind: NotificationKind;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/**
 * One mail per order and kind. A failed mail is not tried again, even if it is requested once more.
 */
type Mail =
  | { readonly status: 'none' }
  | { readonly status: 'requested' }
  | { readonly status: 'sent' }
  | { readonly status: 'failed' };

const initialState: Mail = { status: 'none' };

export const mail: Decider<MailCommand, MailEvent, Mail, never, MailCall> = {
  initialState,

  decide(command, state) {
    switch (command.type) {
      case 'RequestMail': {
        const { orderId, customerId, kind, subject, to, text } = command;
        if (state.status !== 'none') return [];
        return {
          events: [
            { type: 'MailRequested', orderId, kind, subject, personal: { subject: customerId, to, text } },
          ],
          calls: [{ orderId, customerId, kind, to, subject, text }],
        };
      }
      case 'RecordSent':
        return state.status === 'requested' ? [{ ...command, type: 'NotificationSent' }] : [];
      case 'RecordFailure':
        return state.status === 'requested' ? [{ ...command, type: 'MailFailed' }] : [];
      default:
        return assertNever(command);
    }
  },

  evolve,
};

function evolve(_state: Mail, event: MailEvent): Mail {
  switch (event.type) {
    case 'MailRequested':
      return { status: 'requested' };
    case 'NotificationSent':
      return { status: 'sent' };
    case 'MailFailed':
      return { status: 'failed' };
    default:
      return assertNever(event);
  }
}
