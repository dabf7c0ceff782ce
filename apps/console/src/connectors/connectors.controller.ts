import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import {
  connectRest,
  failureLine,
  firstFailure,
  lagOfSinks,
  OperationFailed,
  readConnectors,
  type ConnectorView,
} from '@millrace/operations/client';
import { Describe, LOGGER } from '@millrace/service-chassis/app';
import { ClientError } from '@millrace/streaming-core/client';
import type { Logger } from '@millrace/streaming-core/runtime';
import { z } from 'zod';
import type { ConnectorAct, ConnectorList, ShownConnector } from '../api/connectors.ts';
import { Followed } from '../live/followed.ts';
import { LogConnections } from '../system/log-connections.ts';
import { signed, text } from '../system/request-fields.ts';
import { System } from '../system/system.ts';
import { throughOperators } from '../system/through-operators.ts';

const actPlace = z.strictObject({
  connector: text,
  act: z.enum(['restart', 'restart-failed', 'pause', 'resume', 'stop']),
});

type Lags = ReadonlyMap<string, bigint>;

@Controller('api/connectors')
export class ConnectorsController {
  constructor(
    private readonly system: System,
    private readonly connections: LogConnections,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Followed('live', 'Follow the connectors of Connect, with the lag of each sink')
  all() {
    const read = async (): Promise<ConnectorList> => {
      const missing: string[] = [];
      const orNone = async <Read>(asked: Promise<Read>, none: Read): Promise<Read> => {
        try {
          return await asked;
        } catch (error) {
          if (!(error instanceof OperationFailed || error instanceof ClientError)) throw error;
          missing.push(error.message);
          return none;
        }
      };
      const found = await orNone(this.#readConnectors(), []);
      const sinks = found.filter(({ status }) => status.type === 'sink').map(({ status }) => status.name);
      const lags: Lags = sinks.length > 0 ? await orNone(this.#lagOf(sinks), new Map()) : new Map();
      return { connectors: found.map((view) => shown(view, lags)), missing };
    };
    return { everyMs: 2_000, read };
  }

  @Post(':connector/:act')
  @HttpCode(204)
  @Describe({
    summary: 'Restart, pause, resume or stop a connector',
    answers: { 204: null },
    problems: { 403: ['read_only'], 404: ['refused'], 409: ['refused'], 502: ['no_answer'] },
  })
  async act(
    @Param({ schema: actPlace }) { connector, act }: z.infer<typeof actPlace>,
    @Body({ schema: signed }) { actor, reason }: z.infer<typeof signed>,
  ): Promise<void> {
    const path = `/connectors/${encodeURIComponent(connector)}`;
    await throughOperators(this.#send(act, path));
    this.logger.info({ connector, act, actor, reason }, 'an operator has acted on a connector');
  }

  async #readConnectors(): Promise<readonly ConnectorView[]> {
    return readConnectors(this.#connect());
  }

  async #send(act: ConnectorAct, path: string): Promise<void> {
    if (act === 'restart' || act === 'restart-failed')
      await this.#connect().send(
        'POST',
        `${path}/restart?includeTasks=true&onlyFailed=${act === 'restart-failed'}`,
      );
    else await this.#connect().send('PUT', `${path}/${act}`);
  }

  #connect() {
    return connectRest('connect', this.system.addresses.rest('connect'));
  }

  #lagOf(sinks: readonly string[]): Promise<Lags> {
    return this.connections.use(({ lags }) => lagOfSinks(lags, sinks));
  }
}

function shown({ info, status }: ConnectorView, lags: Lags): ShownConnector {
  const { name, type, connector, tasks } = status;
  const lag = lags.get(name);
  return {
    name,
    kind: type,
    connectorClass: info.config['connector.class'] ?? '',
    state: connector.state.toLowerCase(),
    worker: connector.worker_id,
    config: info.config,
    tasks: tasks.map((task) => ({
      id: task.id,
      state: task.state.toLowerCase(),
      worker: task.worker_id,
      failure: failureLine(task) ?? null,
    })),
    failure: firstFailure(status) ?? null,
    lag: lag === undefined ? null : Number(lag),
  };
}
