import { assertNever, type Decider } from '@millrace/event-sourcing';
import type { MailEvent } from './events.ts';
import { evolve, initialState, type Mail, type MailCall, type MailCommand } from './mail.ts';

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
