import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  streamId,
  type DifferenceView,
  type HistoryPage,
  type StateView,
  type StreamsPage,
} from '@millrace/operations/contract';
import { Describe, Live, ProblemError, LiveAnswers } from '@millrace/service-chassis/app';
import { z } from 'zod';
import type { FedEvent, ListedStream, ShownStream, StateAt } from '../api/event-streams.ts';
import { Followed, follows } from '../live/followed.ts';
import { liveRows, rowsOfBatch } from '../live/live-rows.ts';
import { inWords } from '../answer-in-words.ts';
import { firstOfAll } from '../system/first-of-all.ts';
import { listLimit, text } from '../system/request-fields.ts';
import { System } from '../system/system.ts';
import { throughOperators } from '../system/through-operators.ts';
import { EventFeeds } from './event-feeds.ts';

const version = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional();
const streamName = z.strictObject({ service: text, stream: streamId });

const filter = { service: text.optional(), prefix: text.default('') };
const feedQuery = z.strictObject({ ...filter, type: text.default('') });
const listQuery = z.strictObject({ ...filter, limit: listLimit });
const eventsQuery = z.strictObject({
  order: z.enum(['newest', 'oldest']).default('newest'),
  /**
   * The version of the first event on the page. The default is the last or the first event of the
   * stream.
   */
  begin: version,
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
/**
 * The state is compared with that of a version or a moment. The default is the previous version.
 */
const stateQuery = z.strictObject({ version, at: text.optional(), compare: text.optional() });

type StreamName = z.infer<typeof streamName>;

const path = '/ops/streams';
const pathOf = (stream: string): string => `${path}/${encodeURIComponent(stream)}`;

/** Shows streams, their events and their states, as the operator APIs of the services have them. */
@Controller('api/event-streams')
export class EventStreamsController {
  constructor(
    private readonly system: System,
    private readonly feeds: EventFeeds,
    private readonly answers: LiveAnswers,
  ) {}

  @Live('feed')
  @follows('Follow the events that services store from now on', rowsOfBatch)
  feed(@Query({ schema: feedQuery }) { service, type, prefix }: z.infer<typeof feedQuery>) {
    const isWanted = (event: FedEvent) =>
      (type === '' || event.type === type) && event.stream.startsWith(prefix);
    return this.answers.whileOpen(
      liveRows<FedEvent>((rows) => {
        const following = this.feeds.of(service).subscribe(({ events, missing }) => {
          if (missing.length === 0) rows.works();
          else rows.fail(missing.join('; '));
          for (const event of events) rows.add(isWanted(event) ? event : undefined);
        });
        return () => following.unsubscribe();
      }),
    );
  }

  @Followed('live', 'Follow the streams of one service or of all, by the beginning of their names')
  list(@Query({ schema: listQuery }) { service, prefix, limit }: z.infer<typeof listQuery>) {
    const wanted = { path, query: { prefix }, limit, orderBy: ({ stream }: ListedStream) => stream };
    const read = async () => firstOfAll(this.system.operatorsNamed(service), wanted);
    return { everyMs: 3_000, read };
  }

  @Followed('live/:service/:stream', 'Follow the events of a stream, without personal data')
  one(
    @Param({ schema: streamName }) name: StreamName,
    @Query({ schema: eventsQuery }) query: z.infer<typeof eventsQuery>,
  ) {
    let shown: ShownStream | undefined;
    /** Reads the events again only if there are new ones. */
    const read = async (): Promise<ShownStream> => {
      const { version: last, updatedAt } = await this.#head(name);
      if (shown?.version !== last)
        shown = { version: last, updatedAt, events: await this.#events(name, query, last) };
      return shown;
    };
    return { everyMs: 2_000, read };
  }

  @Get('state/:service/:stream')
  @Describe({
    summary: 'Get the state of a stream, as of now, a version or a moment, and how it differs from another',
    answers: { 200: inWords('The state with personal values hidden, and the differences') },
    problems: { 404: ['unknown_service', 'unknown_stream', 'not_folded'], 502: ['no_answer'] },
  })
  state(
    @Param({ schema: streamName }) { service, stream }: StreamName,
    @Query({ schema: stateQuery }) { compare, at, ...asOf }: z.infer<typeof stateQuery>,
  ): Promise<StateAt> {
    const read = async () => {
      const { get } = this.system.operatorOf(service);
      const query = { version: asOf.version?.toString(), at };
      const { version: shown, state } = (await get<StateView>(`${pathOf(stream)}/state`, query)).body;
      const between = { from: compare ?? String(shown - 1), to: String(shown) };
      const { body } = await get<DifferenceView>(`${pathOf(stream)}/difference`, between);
      return { version: shown, state, comparedWith: body.from, changes: body.changes };
    };
    return throughOperators(read());
  }

  async #head({ service, stream }: StreamName): Promise<ListedStream> {
    const query = { prefix: stream, limit: '1' }; // a name comes before those that it is the beginning of
    const { body } = await this.system.operatorOf(service).get<StreamsPage>(path, query);
    const [first] = body.items;
    if (first?.stream === stream) return first;
    throw new ProblemError(404, 'unknown_stream', `${service} has no stream ${stream}`);
  }

  /**
   * Reads a page of events. It begins at the last event at the latest, so that it is never empty.
   */
  async #events(
    { service, stream }: StreamName,
    { order, limit, ...query }: z.infer<typeof eventsQuery>,
    last: number,
  ) {
    const begin = Math.min(last, query.begin ?? (order === 'newest' ? last : 1));
    const [from, to] =
      order === 'newest' ? [Math.max(1, begin - limit + 1), begin] : [begin, begin + limit - 1];
    const page = { from: String(from), version: String(to), limit: String(limit) };
    const { body } = await this.system.operatorOf(service).get<HistoryPage>(pathOf(stream), page);
    return order === 'newest' ? body.items.toReversed() : body.items;
  }
}
