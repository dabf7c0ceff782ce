import type { NotificationKind } from '@millrace/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

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

  @Column({ name: 'sent_at', type: 'timestamptz' })
  sentAt!: Date;
}
