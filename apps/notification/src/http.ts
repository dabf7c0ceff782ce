import { Controller, Get, Query } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { fields, notificationKind } from '@millrace/contracts';
import { shown } from '@millrace/read-models';
import { Describe } from '@millrace/service-chassis/http';
import type { Repository } from 'typeorm';
import { z } from 'zod';
import { Notification } from './projections.ts';

const listNotifications = z.strictObject({ orderId: fields.orderId });
const notificationView = z.object({
  kind: notificationKind,
  orderId: fields.orderId,
  subject: z.string(),
  status: z.enum(['sent', 'failed']),
  sentAt: z.iso.datetime().optional(),
  failedAt: z.iso.datetime().optional(),
  reason: z.enum(['refused_by_relay', 'not_taken_in_time']).optional(),
});
const notificationList = z.object({ items: z.array(notificationView) });

/** No order ever has this many mails. */
const notificationsMax = 100;

@Controller('notifications')
export class NotificationsController {
  constructor(@InjectRepository(Notification) private readonly notifications: Repository<Notification>) {}

  @Get()
  @Describe({
    summary: 'List the mails of an order that were sent or have failed',
    answers: { 200: notificationList },
  })
  async list(
    @Query({ schema: listNotifications }) { orderId }: z.infer<typeof listNotifications>,
  ): Promise<z.infer<typeof notificationList>> {
    const rows = await this.notifications
      .createQueryBuilder('notification')
      .where({ orderId })
      .orderBy('coalesce(notification.sentAt, notification.failedAt)')
      .limit(notificationsMax)
      .getMany();
    return { items: rows.map(({ id: _id, ...row }) => shown(row)) };
  }
}
