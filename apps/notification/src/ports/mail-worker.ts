import { lockStreams } from '@millrace/event-sourcing';
import { wokenByCommits, type Commits } from '@millrace/service-chassis/service';
import { seconds, systemClock, type DurationMs, type Logger } from '@millrace/streaming-core/runtime';
import { createExternalCallWorker, type ExternalCallRequest } from '@millrace/streaming-core/external-calls';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { MailFailure } from '../domain/mail.ts';
import type { Mails } from '../messages/mails.ts';
import { mailStream } from '../streams.ts';
import { mailKind, type MailPayload } from './mail-call.ts';
import type { Mailer } from './mailer.ts';

interface MailWorkerOptions {
  readonly database: SqlDatabase;
  readonly commits: Commits;
  readonly mailer: Mailer;
  readonly mails: Mails;
  readonly logger: Logger;
  /** From its request on; whatever is not taken until then has failed. */
  readonly retryForMs: DurationMs;
}

/** SMTP cannot be asked what became of a mail: after a crash it is sent again under the same Message-ID. */
export function mailWorker({ database, commits, mailer, mails, logger, retryForMs }: MailWorkerOptions) {
  const send = async ({
    payload: { orderId, kind, to, subject, text },
    requestedAt,
  }: ExternalCallRequest<MailPayload>) => {
    try {
      return await mailer.send({ messageId: `${orderId}.${kind}@millrace.invalid`, to, subject, text });
    } catch (error) {
      if (systemClock.now() - requestedAt.getTime() < retryForMs) throw error;
      logger.warn({ err: error, orderId, kind }, 'a mail was offered for as long as it may be');
      return 'not_taken_in_time';
    }
  };
  const worker = createExternalCallWorker<MailPayload, 'sent' | MailFailure>({
    database,
    logger,
    clock: systemClock,
    idleMsMax: seconds(1),
    kind: mailKind,
    logFields: ({ payload: { orderId } }) => ({ orderId }),
    locks: ({ payload: { orderId, kind } }) => [mailStream(orderId, kind)],
    lockStreams,
    call: send,
    async complete(transaction, { payload, metadata }, outcome) {
      await mails.settled(transaction, payload, outcome, metadata);
      const { orderId, kind } = payload;
      if (outcome !== 'sent')
        logger.error({ orderId, kind, reason: outcome }, 'a mail failed and is not tried again');
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
