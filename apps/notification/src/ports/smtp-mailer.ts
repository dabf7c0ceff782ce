import { createTransport } from 'nodemailer';

/** An external mail relay, which accepts a mail or refuses it permanently. Errors are temporary. */
export interface Mailer {
  /**
   * Sends a mail at least once. `messageId` is stable, so a relay that knows it may drop a
   * repetition.
   */
  send(mail: {
    readonly messageId: string;
    readonly to: string;
    readonly subject: string;
    readonly text: string;
  }): Promise<'sent' | 'refused_by_relay'>;
  close(): void;
}

const timeoutMs = 8_000;

/**
 * The relay did not accept a mail. Its answer is left out, because relays repeat the address, which
 * must not get into any log.
 */
class MailRelayError extends Error {
  readonly code: string;
  /** The number of the relay's answer (RFC 5321, 4.2). */
  readonly responseCode: number | undefined;

  constructor(error: unknown) {
    const { code, command, responseCode } = (error ?? {}) as {
      code?: unknown;
      command?: unknown;
      responseCode?: unknown;
    };
    const told = [command, responseCode].filter(
      (part) => typeof part === 'string' || typeof part === 'number',
    );
    super(`the mail relay did not accept the mail: ${[code ?? 'no code', ...told].join(' ')}`);
    this.name = 'MailRelayError';
    this.responseCode = typeof responseCode === 'number' ? responseCode : undefined;
    this.code = typeof code === 'string' ? code : 'mail_relay';
  }
}

/**
 * Tells whether this is a permanent answer (5yz, RFC 5321 4.2.1) about the mail itself: its sender,
 * its recipient or its contents. A permanent answer about the connection or the login comes from
 * wrong settings, and ends once they are corrected.
 */
const isRefusal = (error: unknown): boolean => {
  const { code, responseCode } = (error ?? {}) as { code?: unknown; responseCode?: unknown };
  return (
    (code === 'EENVELOPE' || code === 'EMESSAGE') && typeof responseCode === 'number' && responseCode >= 500
  );
};

/**
 * Sends through the SMTP server at `url`, over a small pool of connections. Rejects with
 * `MailRelayError`.
 */
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
      try {
        await transport.sendMail({ messageId: `<${messageId}>`, from, to, subject, text });
        return 'sent';
      } catch (error) {
        if (isRefusal(error)) return 'refused_by_relay';
        throw new MailRelayError(error);
      }
    },
    close: () => transport.close(),
  };
}
