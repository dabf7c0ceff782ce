import type { StackSettings } from './config.ts';
import { defineStack, service } from './define-stack.ts';

/** The whole system on one screen: every line is a process, but for the mail sink, which lives in this one. */
export const describeStack = (settings: StackSettings) =>
  defineStack({
    database: { port: settings.POSTGRES_PORT, portSetting: 'POSTGRES_PORT' },
    log: { port: settings.BROKER_PORT, portSetting: 'BROKER_PORT' },
    mail: { port: settings.SMTP_PORT, portSetting: 'SMTP_PORT' },
    services: {
      order: service('order', settings.ORDER_PORT),
      inventory: service('inventory', settings.INVENTORY_PORT),
      payment: service('payment', settings.PAYMENT_PORT),
      shipping: service('shipping', settings.SHIPPING_PORT),
      notification: service('notification', settings.NOTIFICATION_PORT),
    },
  });
