import { Injectable } from '@nestjs/common';
import { askReachable, readPages } from '@millrace/operations/client';
import type { SagasPage, SagaView } from '@millrace/operations/contract';
import type { SagaList, ShownSaga } from '../api/sagas.ts';
import { System } from '../system/system.ts';

export interface SagaFilter {
  readonly state: string;
  readonly definition?: string | undefined;
  readonly step?: string | undefined;
  readonly olderThanSeconds?: string | undefined;
}

export interface SagaName {
  readonly service: string;
  readonly definition: string;
  readonly id: string;
}

export const pathOf = ({ definition, id }: SagaName): string =>
  `/ops/sagas/${encodeURIComponent(definition)}/${encodeURIComponent(id)}`;

/** Reads the sagas of all services from their operator APIs. */
@Injectable()
export class SagaReader {
  constructor(private readonly system: System) {}

  /** The oldest first. A service without sagas has none; one that does not answer is named. */
  async list({ state, ...filter }: SagaFilter, limit: number): Promise<SagaList> {
    const { found, missing } = await askReachable(this.system.operators(), async (ops) => {
      const query = { state, ...filter };
      const page = await readPages<SagasPage['items'][number]>(ops, '/ops/sagas', query, limit);
      return { service: ops.service, ...page };
    });
    const sagas = found
      .flatMap(({ service, items }) => items.map((saga) => ({ ...saga, service })))
      .sort((one, other) => one.startedAt.localeCompare(other.startedAt));
    return {
      sagas: sagas.slice(0, limit),
      mayHaveMore: sagas.length > limit || found.some(({ mayHaveMore }) => mayHaveMore),
      missing,
    };
  }

  async one(name: SagaName): Promise<ShownSaga> {
    const { body } = await this.system.operatorOf(name.service).get<SagaView>(pathOf(name));
    const { events, ...saga } = body;
    return { service: name.service, saga, events };
  }
}
