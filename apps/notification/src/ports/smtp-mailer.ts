import { createTransport } from 'nodemailer';
import type { Mailer } from './mailer.ts';

const timeoutMs = 8_000;

/** Sends through the SMTP server of `url`, over a small pool of connections. */
export function smtpMailer({ url, from }: { readonly url: string; readonly from: string }): Mailer {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 4,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  return {
    async send({ messageId, to, subject, text }) {
      await transport.sendMail({ messageId: `<${messageId}>`, from, to, subject, text });
    },
    close: () => transport.close(),
  };
}
