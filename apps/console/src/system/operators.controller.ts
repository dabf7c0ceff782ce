import { Body, Controller, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Describe } from '@millrace/service-chassis/app';
import { z } from 'zod';
import { Followed } from '../live/followed.ts';
import { firstOfAll } from './first-of-all.ts';
import { listLimit, signed, text } from './request-fields.ts';
import { System } from './system.ts';
import { throughOperators } from './through-operators.ts';

type Row = Readonly<Record<string, string>>;

/**
 * The fields by which rows of several services are merged. No action changes them, so no row jumps.
 */
const orders = {
  acts: { orderBy: ({ at = '' }: Row) => at, descending: true },
  'dead-letters': { orderBy: ({ at = '' }: Row) => at },
  'parked-keys': { orderBy: ({ position = '' }: Row) => position.padStart(18, '0') },
  sagas: { orderBy: ({ startedAt = '' }: Row) => startedAt },
};
const place = z.strictObject({ list: z.literal(['acts', 'dead-letters', 'parked-keys', 'sagas']) });
/** The fields that are not named here are the filter of the list, which the services know. */
const rows = z.object({ service: text.optional(), limit: listLimit }).catchall(z.string().max(1_000));

/** The actions that are passed on unchanged. Pages have no other actions on one thing. */
const actPaths = [
  /^\/ops\/sagas\/[^/]+\/[^/]+\/actions$/,
  /^\/ops\/saga-holds(\/release)?$/,
  /^\/ops\/parked-keys\/\d+\/(retry|give-up)$/,
  /^\/ops\/projections\/[^/]+\/actions$/,
];
const isActPath = (path: string): boolean => actPaths.some((known) => known.test(path));
const act = z.strictObject({
  service: text,
  path: z
    .string()
    .max(1_000)
    .refine(isActPath, 'must be the path of an act that pages know')
    .meta({ examples: ['/ops/parked-keys/17/retry'] }),
  /** The version that the page shows. If two operators act at once, only the first one succeeds. */
  version: z.number().int().min(0).optional(),
  order: signed.loose(),
});

/** Passes the reads and actions of pages on to the operator APIs of services. */
@Controller('api')
export class OperatorsController {
  constructor(private readonly system: System) {}

  @Followed(
    ':list/live',
    'Follow the acts of operators, dead letters, parked keys or sagas of one service or of all',
  )
  list(
    @Param({ schema: place }) { list }: z.infer<typeof place>,
    @Query({ schema: rows }) { service, limit, ...query }: z.infer<typeof rows>,
  ) {
    const wanted = { path: `/ops/${list}`, query, limit, ...orders[list] };
    return { everyMs: 2_000, read: () => firstOfAll(this.system.operatorsNamed(service), wanted) };
  }

  @Post('acts')
  @HttpCode(204)
  @Describe({
    summary: 'Forward an act on one saga, hold, parked key or read model to the operator API of its service',
    answers: { 204: null },
    problems: { 403: ['read_only'], 404: ['unknown_service'], 412: ['version_moved'], 502: ['no_answer'] },
  })
  async act(@Body({ schema: act }) { service, path, version, order }: z.infer<typeof act>): Promise<void> {
    const { actor, ...body } = order;
    const ifMatch = version === undefined ? undefined : `"${version}"`;
    await throughOperators(this.system.operatorOf(service, actor).post(path, { body, ifMatch }));
  }
}
