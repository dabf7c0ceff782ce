import { Injectable } from '@nestjs/common';
import { readPages } from '@millrace/operations/client';
import type { SagaEventsPage, SagasPage, SagaView } from '@millrace/operations/contract';
import type { EventsBefore, SagaList, ShownSaga } from '../api/sagas.ts';
import { firstOfAll } from '../system/first-of-all.ts';
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
    const { items, ...rest } = await firstOfAll<SagasPage['items'][number]>(this.system.operators(), {
      path: '/ops/sagas',
      query: { state, ...filter },
      limit,
      orderBy: ({ startedAt }) => startedAt,
    });
    return { sagas: items, ...rest };
  }

  async one(name: SagaName): Promise<ShownSaga> {
    const { body } = await this.system.operatorOf(name.service).get<SagaView>(pathOf(name));
    const { events, ...saga } = body;
    return { service: name.service, saga, events };
  }

  /** The events directly before a version of the saga, the oldest first. */
  async eventsBefore(name: SagaName, before: number, limit: number): Promise<EventsBefore> {
    const afterVersion = Math.max(0, before - 1 - limit);
    const { items } = await readPages<SagaEventsPage['items'][number]>(
      this.system.operatorOf(name.service),
      `${pathOf(name)}/events`,
      { afterVersion: String(afterVersion) },
      before - 1 - afterVersion,
    );
    return { events: items.map(({ streamVersion: _version, ...event }) => event) };
  }
}
