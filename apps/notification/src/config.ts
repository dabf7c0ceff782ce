import { serviceConfig, setting, type ConfigOf } from '@millrace/service-chassis';
import { z } from 'zod';

const smtpUrl = z
  .string()
  .refine((text) => /^smtps?:\/\/\S+$/.test(text) && (URL.parse(text)?.hostname ?? '') !== '', 'must be a URL such as smtp://HOST:PORT');

export const settings = {
  ...serviceConfig('notification', 3005),
  smtpUrl: setting('SMTP_URL', smtpUrl.default('smtp://127.0.0.1:2525'), { example: 'smtp://127.0.0.1:2525' }),
  from: setting('NOTIFICATION_FROM', z.email('must be an e-mail address').default('orders@millrace.invalid'), {
    example: 'orders@example.org',
  }),
};
export type NotificationConfig = ConfigOf<typeof settings>;
