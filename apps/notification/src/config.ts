import { serviceConfig, setting, wholeNumber, type ConfigOf } from '@millrace/service-chassis/config';
import { z } from 'zod';

const smtpUrl = z
  .string()
  .refine(
    (text) => /^smtps?:\/\/\S+$/.test(text) && (URL.parse(text)?.hostname ?? '') !== '',
    'must be a URL such as smtp://HOST:PORT',
  );

export const settings = {
  ...serviceConfig('notification', 3005),
  smtpUrl: setting('SMTP_URL', smtpUrl.default('smtp://127.0.0.1:2525'), {
    example: 'smtp://127.0.0.1:2525',
  }),
  from: setting(
    'NOTIFICATION_FROM',
    z.email('must be an e-mail address').default('orders@millrace.invalid'),
    {
      example: 'orders@example.org',
    },
  ),
  /**
   * How long a mail is retried while the relay cannot accept it. The default is four days, as RFC
   * 5321 (4.5.4.1) recommends.
   */
  retryForMs: setting(
    'NOTIFICATION_RETRY_FOR_MS',
    wholeNumber({ min: 0, max: 2_592_000_000, byDefault: 345_600_000 }),
    {
      example: '345600000',
    },
  ),
};
export type NotificationConfig = ConfigOf<typeof settings>;
