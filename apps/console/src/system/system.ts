import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import {
  Addresses,
  connectOps,
  localActor,
  type LocalStack,
  type OpsClient,
} from '@millrace/operations/client';
import { ProblemError, token, type Token } from '@millrace/service-chassis/app';
import { systemClock } from '@millrace/streaming-core/runtime';
import type { ConsoleConfig } from '../config.ts';

export const CONSOLE_CONFIG: Token<ConsoleConfig> = token('ConsoleConfig');

const workspace = join(import.meta.dirname, '../../../..');

/** The system that the console shows: that of the data folder, or that of its environment. */
@Injectable()
export class System {
  constructor(@Inject(CONSOLE_CONFIG) private readonly config: ConsoleConfig) {}

  /**
   * The addresses of the system. They are read each time, since a stack may have been restarted
   * elsewhere.
   */
  get addresses(): Addresses {
    return new Addresses({
      given: {},
      environment: process.env,
      workspace,
      clientId: 'millrace-console',
      clock: systemClock,
    });
  }

  /** The stack on this machine. Throws a 409 if the console shows services that its environment names. */
  localStack(): LocalStack {
    const { addresses } = this;
    const stack = addresses.findStack();
    if (stack !== undefined && isDeepStrictEqual(addresses.processes(), stack.instances)) return stack;
    throw new ProblemError(
      409,
      'no_supervisor',
      'The console shows no stack of npm start, whose supervisor could act on its processes',
    );
  }

  /** The operator API of every service, or of every process of every service. */
  operators(actor = localActor(), of: 'services' | 'processes' = 'services'): readonly OpsClient[] {
    const opsToken = this.config.opsToken ?? this.config.opsTokenInFile;
    return this.addresses
      .operators(of)
      .map(([service, url]) => connectOps({ service, url, token: opsToken, actor }));
  }

  /** The operator API of the service of that name, or of all services without a name. */
  operatorsNamed(service: string | undefined, actor?: string): readonly OpsClient[] {
    return service === undefined ? this.operators(actor) : [this.operatorOf(service, actor)];
  }

  /** The operator API of one service. Throws a 404 if there is no such service. */
  operatorOf(service: string, actor?: string): OpsClient {
    const found = this.operators(actor).find((one) => one.service === service);
    if (found !== undefined) return found;
    throw new ProblemError(404, 'unknown_service', `There is no service ${service}`);
  }
}
