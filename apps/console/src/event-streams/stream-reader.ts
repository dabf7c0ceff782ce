import { Injectable } from '@nestjs/common';
import type { DifferenceView, HistoryPage, StateView, StreamsPage } from '@millrace/operations/contract';
import { ProblemError } from '@millrace/service-chassis/app';
import type { EventOrder, ShownStream, StateAt } from '../api/event-streams.ts';
import type { FirstOfAll } from '../api/shown.ts';
import { firstOfAll } from '../system/first-of-all.ts';
import { System } from '../system/system.ts';

export interface StreamName {
  readonly service: string;
  readonly stream: string;
}

export interface EventsWanted {
  readonly order: EventOrder;
  /** The version of the first event; by default the last one or the first one of the stream. */
  readonly begin?: number | undefined;
  readonly limit: number;
}

export interface StateWanted {
  readonly version?: number | undefined;
  readonly at?: string | undefined;
  /** A version or a moment; by default the version before. */
  readonly compare?: string | undefined;
}

type Listed = StreamsPage['items'][number];

const path = '/ops/streams';
const pathOf = (stream: string): string => `${path}/${encodeURIComponent(stream)}`;

/** Reads streams, their events and their states from the operator APIs of the services. */
@Injectable()
export class StreamReader {
  constructor(private readonly system: System) {}

  list(service: string | undefined, prefix: string, limit: number): Promise<FirstOfAll<Listed>> {
    return firstOfAll<Listed>(this.system.operatorsNamed(service), {
      path,
      query: { prefix },
      limit,
      orderBy: ({ stream }) => stream,
    });
  }

  /** Returns a read that reads the events again only if there are new ones. */
  follow(name: StreamName, wanted: EventsWanted): () => Promise<ShownStream> {
    let shown: ShownStream | undefined;
    return async () => {
      const { version, updatedAt } = await this.#head(name);
      if (shown?.version !== version)
        shown = { version, updatedAt, events: await this.#events(name, wanted, version) };
      return shown;
    };
  }

  async state({ service, stream }: StreamName, { compare, ...asOf }: StateWanted): Promise<StateAt> {
    const ops = this.system.operatorOf(service);
    const query = { version: asOf.version?.toString(), at: asOf.at };
    const { version, state } = (await ops.get<StateView>(`${pathOf(stream)}/state`, query)).body;
    const between = { from: compare ?? String(version - 1), to: String(version) };
    const { body } = await ops.get<DifferenceView>(`${pathOf(stream)}/difference`, between);
    return { version, state, comparedWith: body.from, changes: body.changes };
  }

  async #head({ service, stream }: StreamName): Promise<Listed> {
    const query = { prefix: stream, limit: '1' }; // a name comes before those that it is the beginning of
    const { body } = await this.system.operatorOf(service).get<StreamsPage>(path, query);
    const [first] = body.items;
    if (first?.stream === stream) return first;
    throw new ProblemError(404, 'unknown_stream', `${service} has no stream ${stream}`);
  }

  async #events({ service, stream }: StreamName, { order, begin, limit }: EventsWanted, last: number) {
    const [from, to] =
      order === 'newest'
        ? [Math.max(1, (begin ?? last) - limit + 1), begin ?? last]
        : [begin ?? 1, (begin ?? 1) + limit - 1];
    if (from > last) return [];
    const query = { from: String(from), version: String(to), limit: String(limit) };
    const { body } = await this.system.operatorOf(service).get<HistoryPage>(pathOf(stream), query);
    return order === 'newest' ? body.items.toReversed() : body.items;
  }
}
