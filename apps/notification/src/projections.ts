import type { NotificationKind } from '@millrace/contracts';
import { inlineProjection, instant } from '@millrace/read-models';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { MailEvent } from './domain/events.ts';

/** A mail that was sent or has failed. */
@Entity('notification')
export class Notification {
  /** `ORDER:KIND`. */
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  kind!: NotificationKind;

  @Column('uuid')
  @Index('notification_order')
  orderId!: string;

  @Column('text')
  subject!: string;

  @Column('text')
  status!: 'sent' | 'failed';

  @Column({ ...instant, nullable: true })
  sentAt!: string | null;

  @Column({ ...instant, nullable: true })
  failedAt!: string | null;

  @Column('text', { nullable: true })
  reason!: 'refused_by_relay' | 'not_taken_in_time' | null;
}

export const notificationProjection = inlineProjection(Notification).of<MailEvent>(
  {
    NotificationSent: ({ kind, orderId, subject, sentAt }) => ({
      kind,
      orderId,
      subject,
      status: 'sent',
      sentAt,
    }),
    MailFailed: ({ kind, orderId, subject, failedAt, reason }) => ({
      kind,
      orderId,
      subject,
      status: 'failed',
      failedAt,
      reason,
    }),
  },
  { keyOf: ({ orderId, kind }) => `${orderId}:${kind}` },
);
