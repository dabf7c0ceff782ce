import { wokenByCommits, type Commits, type Logger } from '@millrace/service-chassis';
import { seconds, systemClock } from '@millrace/streaming-core/contract';
import { createOutsideCallWorker } from '@millrace/streaming-core/outside-calls';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { Mails } from '../messages/mails.ts';
import { mailKind, type MailPayload } from './mail-call.ts';
import type { Mailer } from './mailer.ts';

interface MailWorkerOptions {
  readonly database: SqlDatabase;
  readonly commits: Commits;
  readonly mailer: Mailer;
  readonly mails: Mails;
  readonly logger: Logger;
}

/** SMTP cannot be asked what became of a mail: after a crash it is sent again under the same Message-ID. */
export function mailWorker({ database, commits, mailer, mails, logger }: MailWorkerOptions) {
  const worker = createOutsideCallWorker<MailPayload, void>({
    database,
    logger,
    clock: systemClock,
    idleMsMax: seconds(1),
    kind: mailKind,
    call: ({ payload: { orderId, kind, to, subject, text } }) =>
      mailer.send({ messageId: `${orderId}.${kind}@millrace.invalid`, to, subject, text }),
    complete: (transaction, { payload, metadata }) => mails.sent(transaction, payload, metadata),
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
