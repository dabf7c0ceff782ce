import { lockStreams, type CallIntent } from '@millrace/event-sourcing';
import { wokenByCommits, type Commits, type CommandHandler } from '@millrace/service-chassis/service';
import { systemClock, type DurationMs, type Logger } from '@millrace/streaming-core/runtime';
import { createExternalCallWorker, type ExternalCallRequest } from '@millrace/streaming-core/external-calls';
import type { Holder } from '@millrace/streaming-core/personal';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { mail, type MailCall, type MailCommand } from '../domain/mail.ts';
import type { MailFailure } from '../domain/events.ts';
import { mailStream } from '../stream-ids.ts';
import type { Mailer } from './smtp-mailer.ts';

const mailKind = 'mail';

export const mailKey = ({ orderId, kind }: Pick<MailCall, 'orderId' | 'kind'>): string =>
  `${orderId}:${kind}`;

/**
 * Turns a mail that the domain has decided on into a request to store. Its row holds the address
 * and is deleted once the mail was sent or has failed.
 */
export const mailCall = (mail: MailCall): CallIntent => ({
  kind: mailKind,
  key: mailKey(mail),
  subject: mail.customerId,
  payload: mail,
});

interface MailWorkerOptions {
  readonly database: SqlDatabase;
  readonly commits: Commits;
  readonly mailer: Mailer;
  readonly commands: CommandHandler<MailCall>;
  /** Opens the payloads. */
  readonly holder: Holder;
  readonly logger: Logger;
  readonly idlePollMs: DurationMs;
  /** How long a mail is retried after its request. Then it counts as failed. */
  readonly retryForMs: DurationMs;
}

/**
 * SMTP offers no way to ask whether a mail was accepted. After a crash, the mail is therefore sent
 * again under the same Message-ID.
 */
export function mailWorker({
  database,
  commits,
  mailer,
  commands,
  holder,
  logger,
  idlePollMs,
  retryForMs,
}: MailWorkerOptions) {
  const send = async ({
    payload: { orderId, kind, to, subject, text },
    requestedAt,
  }: ExternalCallRequest<MailCall>) => {
    try {
      return await mailer.send({ messageId: `${orderId}.${kind}@millrace.invalid`, to, subject, text });
    } catch (error) {
      if (systemClock.now() - requestedAt.getTime() < retryForMs) throw error;
      logger.warn(
        { err: error, orderId, kind },
        'the relay did not accept a mail before its retry period ended',
      );
      return 'not_taken_in_time';
    }
  };
  const worker = createExternalCallWorker<MailCall, 'sent' | MailFailure>({
    database,
    holder,
    logger,
    clock: systemClock,
    idleMsMax: idlePollMs,
    kind: mailKind,
    logFields: ({ payload: { orderId } }) => ({ orderId }),
    locks: ({ payload: { orderId, kind } }) => [mailStream(orderId, kind)],
    lockStreams,
    call: send,
    async complete(transaction, { payload, metadata }, outcome) {
      const { orderId, kind } = payload;
      const command = settled(payload, outcome);
      await commands.handle({ transaction, metadata }, mail, mailStream(orderId, kind), command);
      if (outcome !== 'sent')
        logger.error({ orderId, kind, reason: outcome }, 'a mail failed and will not be retried');
    },
  });
  const { start, stop } = wokenByCommits(commits, [worker]);
  return {
    start,
    async stop() {
      await stop();
      mailer.close();
    },
  };
}

/** Records how the mail ended: the relay accepted it, or we stop trying. */
function settled({ orderId, kind, subject }: MailCall, outcome: 'sent' | MailFailure): MailCommand {
  const at = new Date(systemClock.now()).toISOString();
  const about = { orderId, kind, subject };
  return outcome === 'sent'
    ? { type: 'RecordSent', ...about, sentAt: at }
    : { type: 'RecordFailure', ...about, reason: outcome, failedAt: at };
}
