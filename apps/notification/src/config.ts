import { serviceConfig, setting, type ConfigOf } from '@millrace/service-chassis';
import { z } from 'zod';

const smtpUrl = z.string().regex(/^smtps?:\/\/\S+$/, 'must be a URL that begins with smtp:// or smtps://');

export const settings = {
  ...serviceConfig('notification', 3005),
  smtpUrl: setting('SMTP_URL', smtpUrl.default('smtp://127.0.0.1:2525'), { example: 'smtp://127.0.0.1:2525' }),
  from: setting('NOTIFICATION_FROM', z.email('must be an e-mail address').default('orders@millrace.invalid'), {
    example: 'orders@example.org',
  }),
};
export type NotificationConfig = ConfigOf<typeof settings>;
