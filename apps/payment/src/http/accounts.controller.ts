import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { isRejected } from '@millrace/event-sourcing';
import {
  asOfQuery,
  currentRequest,
  Describe,
  historyPage,
  notFound,
  readOptionsOf,
  VERSION_WAITS,
  type AsOf,
} from '@millrace/service-chassis/http';
import type { VersionWaits } from '@millrace/read-models';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import type { FastifyReply } from 'fastify';
import type { Account, AccountCommand } from '../domain/account.ts';
import { account } from '../domain/decide-account.ts';
import { AccountSummary } from '../projections/account-summary.entity.ts';
import { accountStream } from '../stream-ids.ts';
import {
  accountView,
  createAccount,
  customerId,
  moveMoney,
  pageOfHistory,
  type AccountView,
  type CreateAccount,
  type MoveMoney,
  type PageOfHistory,
} from './payment.dto.ts';
import { refusal } from './rejections.ts';

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
    @Param('customerId', { schema: customerId }) accountId: string,
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
    @Param('customerId', { schema: customerId }) accountId: string,
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
    @Param('customerId', { schema: customerId }) accountId: string,
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
    @Param('customerId', { schema: customerId }) accountId: string,
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
