import { Controller, Get, Inject, Query } from '@nestjs/common';
import { fields } from '@millrace/contracts';
import { Describe, ENTITIES, type Entities } from '@millrace/service-chassis';
import { z } from 'zod';
import { NotificationRow } from '../projections/notification.entity.ts';

const listNotifications = z.strictObject({ orderId: fields.orderId });
const notificationList = z.object({
  items: z.array(
    z.object({
      kind: z.enum(['order-completed', 'order-cancelled']),
      orderId: fields.orderId,
      subject: z.string(),
      sentAt: z.iso.datetime(),
    }),
  ),
});

@Controller('notifications')
export class NotificationsController {
  constructor(@Inject(ENTITIES) private readonly entities: Entities) {}

  @Get()
  @Describe({ summary: 'Mails that were sent for an order', answers: { 200: notificationList } })
  async list(@Query({ schema: listNotifications }) { orderId }: z.infer<typeof listNotifications>) {
    const rows = await this.entities.of(NotificationRow).find({ where: { orderId }, order: { sentAt: 'ASC' } });
    return { items: rows.map(({ kind, subject, sentAt }) => ({ kind, orderId, subject, sentAt: sentAt.toISOString() })) };
  }
}
