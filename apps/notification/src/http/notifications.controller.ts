import { Controller, Get, Inject, Query } from '@nestjs/common';
import { fields } from '@millrace/contracts';
import { Describe, viewsOf, type ViewOf } from '@millrace/service-chassis/http';
import { DATABASE } from '@millrace/service-chassis/service';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { z } from 'zod';
import { notification } from '../projections/notification.projection.ts';

const listNotifications = z.strictObject({ orderId: fields.orderId });
const notificationList = z.object({ items: z.array(notification.view) });

/** No order ever has this many mails. */
const notificationsMax = 100;

@Controller('notifications')
export class NotificationsController {
  constructor(@Inject(DATABASE) private readonly database: SqlDatabase) {}

  @Get()
  @Describe({
    summary: 'List the mails of an order that were sent or have failed',
    answers: { 200: notificationList },
  })
  async list(@Query({ schema: listNotifications }) { orderId }: z.infer<typeof listNotifications>) {
    const { items } = await viewsOf(notification, this.database).page({
      limit: notificationsMax,
      where: { orderId },
    });
    return { items: items.toSorted(bySettledTime) };
  }
}

const settledAt = ({ sentAt, failedAt }: ViewOf<typeof notification>): string => sentAt ?? failedAt ?? '';

const bySettledTime = (one: ViewOf<typeof notification>, other: ViewOf<typeof notification>): number =>
  settledAt(one).localeCompare(settledAt(other));
