import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { isRejected, type Rejected } from '@millrace/event-sourcing';
import {
  asOfQuery,
  currentRequest,
  Describe,
  historyPage,
  notFound,
  readOptionsOf,
  VERSION_WAITS,
  type AsOf,
  pageQuery,
  ProblemError,
} from '@millrace/service-chassis/http';
import type { VersionWaits } from '@millrace/read-models';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import type { FastifyReply } from 'fastify';
import { fields } from '@millrace/contracts';
import { z } from 'zod';
import {
  type Account,
  type AccountCommand,
  account,
  balanceMax,
  type AccountRejection,
} from './domain/account.ts';
import { AccountSummary, PaymentSummary, ReturnRefundSummary } from './projections.ts';
import { accountStream } from './stream-ids.ts';

const createAccount = z.strictObject({ customerId: fields.customerId, currency: fields.currency });
const moveMoney = z.strictObject({
  amount: z.number().int().min(1).max(balanceMax).describe('The amount in minor units'),
});
const pageOfHistory = z.strictObject(pageQuery);

/** Below zero if the customer has spent a refund that was reversed. */
const balance = z.strictObject({ amount: z.number().int(), currency: fields.currency });
const accountView = z
  .object({ customerId: fields.customerId, balance, version: z.number().int() })
  .describe('An account at a version of its ledger');
const returnRefundView = z
  .object({
    status: z.enum(['refunding', 'refunded', 'refused', 'reversing', 'reversed']),
    amount: fields.money.nullable().describe('Null if no refund was agreed'),
    reason: z.string().optional(),
  })
  .describe("The refund of the order's return");
const paymentView = z
  .object({
    orderId: fields.orderId,
    status: z.enum(['processing', 'processed', 'failed', 'refunding', 'refunded', 'cancelled']),
    amount: fields.money.nullable().describe('Null if the payment was cancelled before it began'),
    reason: z.string().optional(),
    returned: returnRefundView.optional(),
  })
  .describe("An order's payment");

type CreateAccount = z.infer<typeof createAccount>;
type MoveMoney = z.infer<typeof moveMoney>;
type PageOfHistory = z.infer<typeof pageOfHistory>;
type AccountView = z.infer<typeof accountView>;
type PaymentView = z.infer<typeof paymentView>;

@Controller('accounts')
export class AccountsController {
  constructor(
    @Inject(COMMAND_HANDLER) private readonly commands: CommandHandler,
    @Inject(VERSION_WAITS) private readonly waits: VersionWaits,
    @InjectRepository(AccountSummary) private readonly accounts: Repository<AccountSummary>,
  ) {}

  @Post()
  @Describe({
    summary: 'Open an account',
    answers: { 201: accountView },
    problems: { 409: ['account_exists'] },
  })
  async create(
    @Body({ schema: createAccount }) body: CreateAccount,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AccountView> {
    const created = await this.decide({
      type: 'CreateAccount',
      accountId: body.customerId,
      currency: body.currency,
    });
    reply.header('location', `/accounts/${encodeURIComponent(body.customerId)}`);
    return created;
  }

  @Post(':customerId/deposits')
  @Describe({
    summary: 'Deposit money',
    answers: { 201: accountView },
    problems: { 404: ['unknown_account'], 409: ['balance_limit_exceeded'] },
  })
  deposit(
    @Param('customerId', { schema: fields.customerId }) accountId: string,
    @Body({ schema: moveMoney }) { amount }: MoveMoney,
  ): Promise<AccountView> {
    return this.decide({ type: 'Deposit', accountId, amount });
  }

  @Post(':customerId/withdrawals')
  @Describe({
    summary: 'Withdraw money',
    description: 'A withdrawal that the balance does not cover is refused and records no event.',
    answers: { 201: accountView },
    problems: { 404: ['unknown_account'], 409: ['insufficient_funds'] },
  })
  withdraw(
    @Param('customerId', { schema: fields.customerId }) accountId: string,
    @Body({ schema: moveMoney }) { amount }: MoveMoney,
  ): Promise<AccountView> {
    return this.decide({ type: 'Withdraw', accountId, amount });
  }

  @Get(':customerId')
  @Describe({
    summary:
      'Get an account as it is now, as it was at a version or a moment, or once it has reached a version',
    answers: { 200: accountView },
    problems: {
      404: ['unknown_account', 'unknown_version'],
      409: ['version_not_reached'],
      503: ['too_many_waits'],
    },
  })
  async one(
    @Param('customerId', { schema: fields.customerId }) accountId: string,
    @Query({ schema: asOfQuery }) asOf: AsOf,
  ): Promise<AccountView> {
    await this.waits.reached(accountStream(accountId), asOf);
    const options = readOptionsOf(asOf);
    if (options === undefined) return this.existing(accountId);
    const { state, version } = await this.commands.load(account, accountStream(accountId), options);
    if (asOf.version !== undefined && version > 0n && version < BigInt(asOf.version))
      throw notFound('unknown_version', `The account has ${version} events so far`);
    return viewOf(state, version);
  }

  @Get(':customerId/history')
  @Describe({
    summary: "List the account's events",
    answers: { 200: historyPage },
    problems: { 404: ['unknown_account'] },
  })
  async history(
    @Param('customerId', { schema: fields.customerId }) accountId: string,
    @Query({ schema: pageOfHistory }) page: PageOfHistory,
  ) {
    await this.existing(accountId);
    return this.commands.history(accountStream(accountId), page);
  }

  private async existing(accountId: string): Promise<AccountView> {
    const row = await this.accounts.findOneBy({ accountId });
    if (row === null) throw notFound('unknown_account', 'There is no such account');
    const { balance, currency, version } = row;
    return { customerId: accountId, balance: { amount: balance, currency }, version };
  }

  private async decide(command: AccountCommand): Promise<AccountView> {
    const outcome = await this.commands.handle(
      currentRequest,
      account,
      accountStream(command.accountId),
      command,
    );
    if (isRejected(outcome)) throw refusal(outcome);
    return viewOf(outcome.state, outcome.version);
  }
}

function viewOf(state: Account, version: bigint): AccountView {
  if (state.status === 'absent') throw notFound('unknown_account', 'The account did not exist then');
  return {
    customerId: state.accountId,
    balance: { amount: state.balance, currency: state.currency },
    version: Number(version),
  };
}

const answers: Readonly<Record<AccountRejection, { readonly status: number; readonly title: string }>> = {
  account_exists: { status: 409, title: 'The customer already has an account' },
  unknown_account: { status: 404, title: 'There is no such account' },
  insufficient_funds: { status: 409, title: 'The balance does not cover this withdrawal' },
  balance_limit_exceeded: { status: 409, title: 'The deposit would exceed the limit of the account' },
};

/** Turns a rejection into an HTTP problem with its code and the details that explain it. */
function refusal({ rejected, details }: Rejected<AccountRejection>): ProblemError {
  const { status, title } = answers[rejected];
  return new ProblemError(status, rejected, title, details);
}

@Controller('payments')
export class PaymentsController {
  constructor(
    @InjectRepository(PaymentSummary) private readonly rows: Repository<PaymentSummary>,
    @InjectRepository(ReturnRefundSummary) private readonly returns: Repository<ReturnRefundSummary>,
  ) {}

  @Get(':orderId')
  @Describe({
    summary: "Get an order's payment",
    answers: { 200: paymentView },
    problems: { 404: ['unknown_payment'] },
  })
  async one(@Param('orderId', { schema: fields.orderId }) id: string): Promise<PaymentView> {
    const row = await this.rows.findOneBy({ orderId: id });
    if (row === null) throw notFound('unknown_payment', 'No payment was requested for this order');
    const returned = await this.returns.findOneBy({ orderId: id });
    return {
      orderId: row.orderId,
      status: row.status,
      ...moneyOf(row),
      ...(returned !== null && { returned: { status: returned.status, ...moneyOf(returned) } }),
    };
  }
}

const moneyOf = ({ amount, currency, reason }: PaymentSummary | ReturnRefundSummary) => ({
  amount: amount === null || currency === null ? null : { amount, currency },
  ...(reason !== null && { reason }),
});
