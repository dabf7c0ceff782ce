import { Controller, Inject } from '@nestjs/common';
import { notificationCommands, type SendOrderMail } from '@millrace/contracts';
import { Handles } from '@millrace/service-chassis/messages';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import { TerminalError, type MessageContext } from '@millrace/streaming-core/consumer';
import { mail, type MailCall } from './domain/mail.ts';
import { composeMail } from './domain/templates.ts';
import { mailStream } from './stream-ids.ts';

@Controller()
export class NotificationMessages {
  constructor(@Inject(COMMAND_HANDLER) private readonly commands: CommandHandler<MailCall>) {}

  @Handles(notificationCommands.SendOrderMail, { locks: ({ orderId, kind }) => [mailStream(orderId, kind)] })
  send(command: SendOrderMail, message: MessageContext) {
    const { orderId, customerId, kind, to, trackingNumber } = command;
    if (kind === 'return-label' && trackingNumber === undefined)
      throw new TerminalError('SendOrderMail of the kind return-label needs the field trackingNumber');
    return this.commands.handle(message, mail, mailStream(orderId, kind), {
      type: 'RequestMail',
      orderId,
      customerId,
      kind,
      to,
      ...composeMail(command),
    });
  }
}
