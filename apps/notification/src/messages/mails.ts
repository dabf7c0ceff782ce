import { Inject, Injectable } from '@nestjs/common';
import type { SendOrderMail } from '@millrace/contracts';
import { decideAndAppend, isRejected, type EventMetadata, type EventStore } from '@millrace/event-sourcing';
import { recording } from '@millrace/service-chassis/messages';
import { EVENT_STORE } from '@millrace/service-chassis/service';
import { requestExternalCall } from '@millrace/streaming-core/external-calls';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { mail, type MailCommand, type MailFailure } from '../domain/mail.ts';
import { composeMail } from '../domain/templates.ts';
import { mailKey, mailKind, type MailPayload } from '../ports/mail-call.ts';
import { mailStream } from '../streams.ts';

/** One mail per order and kind: asked for in the message's transaction, sent by a worker outside of any. */
@Injectable()
export class Mails {
  constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}

  /** The caller holds the mail's stream. */
  async request(
    transaction: SqlTransaction,
    { orderId, kind, to, name, total, reason }: SendOrderMail,
    metadata: EventMetadata,
  ): Promise<void> {
    const { subject, text } = composeMail({
      orderId,
      kind,
      name,
      total,
      ...(reason === undefined ? {} : { reason }),
    });
    const isNew = await this.record(
      transaction,
      { type: 'RequestMail', orderId, kind, subject, to, text },
      metadata,
    );
    if (!isNew) return;
    const payload: MailPayload = { orderId, kind, to, subject, text };
    await requestExternalCall(transaction, { kind: mailKind, key: mailKey(payload), payload, metadata });
  }

  /** What became of it at last: the relay took it, or it will not be tried again. */
  async settled(
    transaction: SqlTransaction,
    { orderId, kind, subject }: MailPayload,
    outcome: 'sent' | MailFailure,
    asked: EventMetadata,
  ): Promise<void> {
    const mail = { orderId, kind, subject };
    const at = new Date().toISOString();
    const command: MailCommand =
      outcome === 'sent'
        ? { type: 'RecordSent', ...mail, sentAt: at }
        : { type: 'RecordFailure', ...mail, reason: outcome, failedAt: at };
    await this.record(transaction, command, asked);
  }

  private async record(
    transaction: SqlTransaction,
    command: MailCommand,
    metadata: EventMetadata,
  ): Promise<boolean> {
    const stream = mailStream(command.orderId, command.kind);
    const outcome = await decideAndAppend({
      transaction,
      store: this.store,
      decider: mail,
      stream,
      command,
      ...recording(metadata),
    });
    return !isRejected(outcome) && outcome.events.length > 0;
  }
}
