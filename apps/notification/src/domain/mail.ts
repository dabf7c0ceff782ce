import type { NotificationKind } from '@millrace/contracts';
import { assertNever, type Decider } from '@millrace/event-sourcing';

/** Who gets the mail: personal, so it stands apart in the one event that needs it. */
export interface MailPersonal extends Readonly<Record<string, unknown>> {
  readonly to: string;
  readonly text: string;
}

/** One mail per order and kind. */
export type Mail = { readonly status: 'none' } | { readonly status: 'requested' } | { readonly status: 'sent' };

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
    };

export const mail: Decider<MailCommand, MailEvent, Mail> = {
  initialState: { status: 'none' },

  decide(command, state) {
    switch (command.type) {
      case 'RequestMail': {
        const { orderId, kind, subject, to, text } = command;
        return state.status === 'none' ? [{ type: 'MailRequested', orderId, kind, subject, personal: { to, text } }] : [];
      }
      case 'RecordSent':
        return state.status === 'requested' ? [{ ...command, type: 'NotificationSent' }] : [];
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
      default:
        return assertNever(event);
    }
  },
};
