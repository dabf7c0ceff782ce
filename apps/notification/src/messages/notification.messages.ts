import { Controller } from '@nestjs/common';
import { notificationCommands, type SendOrderMail } from '@millrace/contracts';
import { Handles, metadataOf } from '@millrace/service-chassis/messages';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { mailStream } from '../streams.ts';
import { Mails } from './mails.ts';

@Controller()
export class NotificationMessages {
  constructor(private readonly mails: Mails) {}

  @Handles(notificationCommands.SendOrderMail, { locks: ({ orderId, kind }) => [mailStream(orderId, kind)] })
  send(command: SendOrderMail, message: MessageContext): Promise<void> {
    return this.mails.request(message.transaction, command, metadataOf(message));
  }
}
