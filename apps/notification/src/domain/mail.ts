import type { NotificationKind } from '@millrace/contracts';
import { assertNever, type Decider } from '@millrace/event-sourcing';

/** Who gets the mail: personal, so it stands apart in the one event that needs it. */
export interface MailPersonal extends Readonly<Record<string, unknown>> {
  readonly to: string;
  readonly text: string;
}

/** One mail per order and kind. A mail that failed is not tried again: asking for it once more changes nothing. */
export type Mail =
  | { readonly status: 'none' }
  | { readonly status: 'requested' }
  | { readonly status: 'sent' }
  | { readonly status: 'failed' };

/** The relay does not want it, or could not take it for as long as we try. */
export type MailFailure = 'refused_by_relay' | 'not_taken_in_time';

export type MailEvent =
  | {
      readonly type: 'MailRequested';
      readonly orderId: string;
      readonly kind: NotificationKind;
      readonly subject: string;
      readonly personal: MailPersonal;
    }
  | {
      readonly type: 'NotificationSent';
      readonly orderId: string;
      readonly kind: NotificationKind;
      readonly subject: string;
      readonly sentAt: string;
    }
  | {
      readonly type: 'MailFailed';
      readonly orderId: string;
      readonly kind: NotificationKind;
      readonly subject: string;
      readonly reason: MailFailure;
      readonly failedAt: string;
    };

export type MailCommand =
  | {
      readonly type: 'RequestMail';
      readonly orderId: string;
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

export const mail: Decider<MailCommand, MailEvent, Mail> = {
  initialState: { status: 'none' },

  decide(command, state) {
    switch (command.type) {
      case 'RequestMail': {
        const { orderId, kind, subject, to, text } = command;
        return state.status === 'none'
          ? [{ type: 'MailRequested', orderId, kind, subject, personal: { to, text } }]
          : [];
      }
      case 'RecordSent':
        return state.status === 'requested' ? [{ ...command, type: 'NotificationSent' }] : [];
      case 'RecordFailure':
        return state.status === 'requested' ? [{ ...command, type: 'MailFailed' }] : [];
      default:
        return assertNever(command);
    }
  },

  evolve(_state, event) {
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
  },
};
