import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { fields } from '@millrace/contracts';
import { isRejected, type Rejected } from '@millrace/event-sourcing';
import { shown } from '@millrace/read-models';
import {
  currentRequest,
  Describe,
  notFound,
  ProblemError,
  type ProblemKind,
} from '@millrace/service-chassis/http';
import {
  COMMAND_HANDLER,
  ENTITIES,
  type CommandHandler,
  type Entities,
} from '@millrace/service-chassis/service';
import { z } from 'zod';
import { order } from '../domain/order.ts';
import { orderStream, returnStream } from '../stream-ids.ts';
import { OrderReturn, returnStatus } from './order-return.ts';
import { orderReturn, requestReturn, type ReturnCommand, type ReturnRejection } from './return.ts';

const askReturn = z.strictObject({ lines: fields.lines.describe('What the customer sends back') });
const judgeReturn = z.strictObject({ decision: z.enum(['approve', 'deny']) });
const returnView = z
  .object({
    orderId: fields.orderId,
    status: returnStatus,
    lines: z.array(fields.orderLine),
    refund: fields.money,
    trackingNumber: fields.trackingNumber.optional(),
    reason: fields.returnReason.optional(),
    version: z.number().int().min(1),
    requestedAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .describe('The return of an order');
type ReturnView = z.infer<typeof returnView>;

@Controller('orders/:orderId/return')
export class ReturnsController {
  constructor(
    @Inject(COMMAND_HANDLER) private readonly commands: CommandHandler,
    @Inject(ENTITIES) private readonly entities: Entities,
  ) {}

  @Post()
  @HttpCode(202)
  @Describe({
    summary: 'Ask to send back some lines of a completed order',
    description: 'An order can have one return. A refund above a limit needs the approval of an operator.',
    answers: { 202: returnView },
    problems: {
      404: ['unknown_order'],
      409: ['customer_erased', 'order_not_completed', 'return_exists'],
      422: ['not_in_order'],
    },
  })
  async ask(
    @Param('orderId', { schema: fields.orderId }) orderId: string,
    @Body({ schema: askReturn }) { lines }: z.infer<typeof askReturn>,
  ): Promise<ReturnView> {
    const requestedAt = new Date().toISOString();
    const outcome = await this.commands.handleAcross(
      currentRequest,
      { order: [order, orderStream(orderId)], orderReturn: [orderReturn, returnStream(orderId)] },
      (states) => requestReturn({ orderId, lines, requestedAt }, states),
    );
    if (isRejected(outcome)) throw refusal(outcome);
    return this.one(orderId);
  }

  @Get()
  @Describe({
    summary: 'Get the return of an order',
    answers: { 200: returnView },
    problems: { 404: ['unknown_return'] },
  })
  async one(@Param('orderId', { schema: fields.orderId }) orderId: string): Promise<ReturnView> {
    const row = await this.entities.of(OrderReturn).findOneBy({ orderId });
    if (row === null) throw notFound('unknown_return', answers.unknown_return.title);
    const { refundAmount: amount, refundCurrency: currency, customerId: _, ...view } = row;
    return shown({ ...view, refund: { amount, currency } });
  }

  @Post('withdraw')
  @HttpCode(202)
  @Describe({
    summary: 'Withdraw a return before it is completed',
    answers: { 202: returnView },
    problems: { 404: ['unknown_return'], 409: ['return_ended'] },
  })
  withdraw(@Param('orderId', { schema: fields.orderId }) orderId: string): Promise<ReturnView> {
    return this.decide({ type: 'WithdrawReturn', orderId, withdrawnAt: new Date().toISOString() });
  }

  @Post('decision')
  @HttpCode(202)
  @Describe({
    summary: 'Approve or deny a return whose refund is above the limit',
    answers: { 202: returnView },
    problems: { 404: ['unknown_return'], 409: ['approval_not_needed', 'return_decided', 'return_ended'] },
  })
  judge(
    @Param('orderId', { schema: fields.orderId }) orderId: string,
    @Body({ schema: judgeReturn }) { decision }: z.infer<typeof judgeReturn>,
  ): Promise<ReturnView> {
    const at = new Date().toISOString();
    return this.decide(
      decision === 'approve'
        ? { type: 'ApproveReturn', orderId, approvedAt: at }
        : { type: 'DenyReturn', orderId, deniedAt: at },
    );
  }

  private async decide(command: ReturnCommand): Promise<ReturnView> {
    const { orderId } = command;
    const outcome = await this.commands.handle(currentRequest, orderReturn, returnStream(orderId), command);
    if (isRejected(outcome)) throw refusal(outcome);
    return this.one(orderId);
  }
}

const answers: Readonly<Record<ReturnRejection, ProblemKind>> = {
  unknown_order: { status: 404, title: 'There is no such order' },
  unknown_return: { status: 404, title: 'The order has no return' },
  order_not_completed: { status: 409, title: 'Only a completed order can be returned' },
  customer_erased: {
    status: 409,
    title: 'The data of this customer were erased, so there is nobody to refund',
  },
  return_exists: { status: 409, title: 'The order has a return already' },
  return_decided: { status: 409, title: 'The return was decided otherwise before' },
  return_ended: { status: 409, title: 'The return has ended or was withdrawn' },
  approval_not_needed: { status: 409, title: 'A return of this amount needs no approval' },
  not_in_order: { status: 422, title: 'The order does not have so many units of these products' },
};

function refusal({ rejected, details }: Rejected<ReturnRejection>): ProblemError {
  const { status, title } = answers[rejected];
  return new ProblemError(status, rejected, title, details);
}
