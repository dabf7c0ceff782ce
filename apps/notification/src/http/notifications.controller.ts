import { Controller, Get, Inject, Query } from '@nestjs/common';
import { fields } from '@millrace/contracts';
import { Describe } from '@millrace/service-chassis/http';
import { ENTITIES, type Entities } from '@millrace/service-chassis/service';
import { z } from 'zod';
import { NotificationRow } from '../projections/notification.entity.ts';

const listNotifications = z.strictObject({ orderId: fields.orderId });
const notification = z.object({
  kind: z.enum(['order-completed', 'order-cancelled']),
  orderId: fields.orderId,
  subject: z.string(),
  status: z.enum(['sent', 'failed']),
  sentAt: z.iso.datetime().optional(),
  failedAt: z.iso.datetime().optional(),
  reason: z.enum(['refused_by_relay', 'not_taken_in_time']).optional(),
});
const notificationList = z.object({ items: z.array(notification) });

@Controller('notifications')
export class NotificationsController {
  constructor(@Inject(ENTITIES) private readonly entities: Entities) {}

  @Get()
  @Describe({ summary: 'Mails of an order that were sent, or given up', answers: { 200: notificationList } })
  async list(@Query({ schema: listNotifications }) { orderId }: z.infer<typeof listNotifications>) {
    const order = { sentAt: 'ASC', failedAt: 'ASC' } as const;
    const rows = await this.entities.of(NotificationRow).find({ where: { orderId }, order });
    return { items: rows.map(viewOf) };
  }
}

const viewOf = ({
  orderId,
  kind,
  subject,
  status,
  sentAt,
  failedAt,
  reason,
}: NotificationRow): z.infer<typeof notification> => ({
  kind,
  orderId,
  subject,
  status,
  ...(sentAt !== null && { sentAt: sentAt.toISOString() }),
  ...(failedAt !== null && { failedAt: failedAt.toISOString() }),
  ...(reason !== null && { reason }),
});
