import type { NotificationKind } from '@millrace/contracts';
import { declareEvents, firstVersion, type Erased, type PersonalPart } from '@millrace/event-sourcing';

/**
 * The recipient and the text of the mail. They are personal data, so they are stored apart in the
 * one event that needs them.
 */
interface MailPersonal extends PersonalPart {
  readonly to: string;
  readonly text: string;
}

/** The relay refused the mail permanently, or could not accept it for as long as we tried. */
export type MailFailure = 'refused_by_relay' | 'not_taken_in_time';

export type MailEvent =
  | {
      readonly type: 'MailRequested';
      readonly orderId: string;
      readonly kind: NotificationKind;
      readonly subject: string;
      readonly personal: MailPersonal | Erased;
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

export const mailEventTypes = declareEvents<MailEvent>({
  MailRequested: firstVersion,
  NotificationSent: firstVersion,
  MailFailed: firstVersion,
});
