import { Injectable } from '@nestjs/common';
import { readPages } from '@millrace/operations/client';
import type { SagaEventsPage, SagaView } from '@millrace/operations/contract';
import type { EventsBefore, ShownSaga } from '../api/sagas.ts';
import { System } from '../system/system.ts';

export interface SagaName {
  readonly service: string;
  readonly definition: string;
  readonly id: string;
}

export const pathOf = ({ definition, id }: Omit<SagaName, 'service'>): string =>
  `/ops/sagas/${encodeURIComponent(definition)}/${encodeURIComponent(id)}`;

/** Reads sagas from the operator APIs of their services. */
@Injectable()
export class SagaReader {
  constructor(private readonly system: System) {}

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
