import {
  personalDataConfig,
  serviceConfig,
  setting,
  wholeNumber,
  type ConfigOf,
} from '@millrace/service-chassis/config';
import { z } from 'zod';

const smtpUrl = z
  .string()
  .refine(
    (text) => /^smtps?:\/\/\S+$/.test(text) && (URL.parse(text)?.hostname ?? '') !== '',
    'must be a URL such as smtp://HOST:PORT',
  );

export const settings = {
  ...serviceConfig('notification', 3005),
  ...personalDataConfig,
  smtpUrl: setting('SMTP_URL', smtpUrl.default('smtp://127.0.0.1:2525'), {
    example: 'smtp://127.0.0.1:2525',
    meaning: 'The SMTP server.',
  }),
  from: setting(
    'NOTIFICATION_FROM',
    z.email('must be an e-mail address').default('orders@millrace.invalid'),
    { example: 'orders@example.org', meaning: 'The sender of the mails.' },
  ),
  /** RFC 5321 (4.5.4.1) recommends the default. */
  retryForMs: setting(
    'NOTIFICATION_RETRY_FOR_MS',
    wholeNumber({ min: 0, max: 2_592_000_000, byDefault: 345_600_000 }),
    {
      example: '345600000',
      meaning:
        'How long a mail is offered again to a mail server that cannot accept it now. The default ' +
        'is 4 days. 0: it is offered once.',
    },
  ),
};
export type NotificationConfig = ConfigOf<typeof settings>;
