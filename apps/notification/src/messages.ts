import { Controller, Inject } from '@nestjs/common';
import { notificationCommands, type SendOrderMail } from '@millrace/contracts';
import { Handles } from '@millrace/service-chassis/messages';
import { STREAMS, type Streams } from '@millrace/service-chassis/service';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { mail, type MailCall } from './domain/mail.ts';
import { composeMail } from './domain/templates.ts';
import { mailStream } from './streams.ts';

@Controller()
export class NotificationMessages {
  constructor(@Inject(STREAMS) private readonly streams: Streams<MailCall>) {}

  @Handles(notificationCommands.SendOrderMail, { locks: ({ orderId, kind }) => [mailStream(orderId, kind)] })
  send(command: SendOrderMail, message: MessageContext) {
    const { orderId, customerId, kind, to } = command;
    return this.streams.handle(message, mail, mailStream(orderId, kind), {
      type: 'RequestMail',
      orderId,
      customerId,
      kind,
      to,
      ...composeMail(command),
    });
  }
}
