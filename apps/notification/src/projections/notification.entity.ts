import type { NotificationKind } from '@millrace/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { MailFailure } from '../domain/mail.ts';

@Entity('notification')
export class NotificationRow {
  /** `ORDER:KIND`. */
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ name: 'order_id', type: 'uuid' })
  orderId!: string;

  @Column({ type: 'text' })
  kind!: NotificationKind;

  @Column({ type: 'text' })
  subject!: string;

  @Column({ type: 'text' })
  status!: 'sent' | 'failed';

  @Column({ name: 'sent_at', type: 'timestamptz', nullable: true })
  sentAt!: Date | null;

  @Column({ name: 'failed_at', type: 'timestamptz', nullable: true })
  failedAt!: Date | null;

  @Column({ type: 'text', nullable: true })
  reason!: MailFailure | null;
}
