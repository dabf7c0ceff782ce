import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { askReachable, isAbsent, lettersOf, lettersPath, reasonsPath } from '@millrace/operations/client';
import { letterId, redrivesMax, type LetterReasons, type LetterView } from '@millrace/operations/contract';
import { Describe } from '@millrace/service-chassis/app';
import { z } from 'zod';
import type { Decided, Reasons, ShownLetter } from '../api/dead-letters.ts';
import type { JobView } from '../api/jobs.ts';
import { Jobs } from '../jobs/jobs.ts';
import { Followed } from '../live/followed.ts';
import { inWords } from '../answer-in-words.ts';
import { perSecond, signed, text } from '../system/request-fields.ts';
import { System } from '../system/system.ts';
import { throughOperators } from '../system/through-operators.ts';
import { decideMany, decideOne, tryMany } from './decide-letters.ts';

const filter = z
  .strictObject({ service: text, topic: text, type: text, code: text, key: z.string().max(1_000) })
  .partial();
const letterName = z.strictObject({ service: text, id: letterId });

/**
 * An order without actor and reason is a dry run: it reports what would happen, and nothing
 * happens.
 */
const order = z.strictObject({ decision: z.enum(['redrive', 'discard']), signed: signed.optional() });
const oneOrder = order.extend({ value: z.looseObject({ type: text }).optional() });
const manyOrder = order.extend({ filter, perSecond });

type LetterName = z.infer<typeof letterName>;

@Controller('api/dead-letters')
export class DeadLettersController {
  constructor(
    private readonly system: System,
    private readonly jobs: Jobs,
  ) {}

  @Followed('live/reasons', 'Follow how many open dead letters there are of each reason, in all services')
  reasons() {
    return { everyMs: 3_000, read: () => readReasons(this.system) };
  }

  @Followed('live/:service/:id', 'Follow a dead letter until its service has deleted it')
  one(@Param({ schema: letterName }) name: LetterName) {
    return { everyMs: 1_000, read: () => readLetter(this.system, name) };
  }

  @Post('decide/:service/:id')
  @HttpCode(200)
  @Describe({
    summary: 'Redrive a dead letter, with another value if one is given, or discard it',
    description: 'Without `signed` it is a dry run, which only says what would happen.',
    answers: { 200: inWords('The outcome, or that of the dry run') },
    problems: {
      403: ['read_only'],
      404: ['unknown_service', 'unknown_dead_letter'],
      502: ['no_answer'],
    },
  })
  decideOne(
    @Param({ schema: letterName }) { service, id }: LetterName,
    @Body({ schema: oneOrder }) { decision, signed: by, value }: z.infer<typeof oneOrder>,
  ): Promise<Decided> {
    const ops = this.system.operatorOf(service, by?.actor);
    return throughOperators(decideOne(ops, decision, { id, value, reason: by?.reason }));
  }

  @Post('decide-many')
  @HttpCode(200)
  @Describe({
    summary: 'Redrive or discard all dead letters that match a filter',
    description: 'Without `signed` it is a dry run, which only says what would happen.',
    answers: { 200: inWords('The job that has begun, or the outcome of the dry run') },
    problems: {
      403: ['read_only'],
      404: ['unknown_service'],
      429: ['too_many_jobs'],
      502: ['no_answer'],
    },
  })
  async decideMany(
    @Body({ schema: manyOrder }) { signed: by, ...asked }: z.infer<typeof manyOrder>,
  ): Promise<Decided | JobView> {
    const { service, ...wanted } = asked.filter;
    const services = this.system.operatorsNamed(service, by?.actor);
    if (by === undefined) return throughOperators(tryMany(services, asked.decision, wanted));
    const total = countOf(await readReasons(this.system), asked.filter);
    return this.jobs.start(decideMany(services, { ...asked, ...by, filter: wanted, total }));
  }
}

/** Reads the reasons of all services, the most frequent first. */
async function readReasons(system: System): Promise<Reasons> {
  const { found, missing } = await askReachable(system.operators(), async (ops) => {
    const { items, complete } = (await ops.get<ReasonsPage>(reasonsPath)).body;
    return { complete, reasons: items.map((reason) => ({ ...reason, service: ops.service })) };
  });
  return {
    reasons: found
      .flatMap(({ reasons }) => reasons)
      .sort((one, other) => other.letters - one.letters || one.oldestAt.localeCompare(other.oldestAt)),
    complete: found.every(({ complete }) => complete),
    missing,
  };
}

interface ReasonsPage {
  readonly items: readonly LetterReasons[];
  readonly complete: boolean;
}

/**
 * Returns the number of letters that match, or undefined if the services do not count such letters.
 */
function countOf(
  { reasons, complete }: Reasons,
  { service, key, ...others }: z.infer<typeof filter>,
): number | undefined {
  if (!complete || key !== undefined) return undefined;
  const own = reasons.filter((each) => service === undefined || each.service === service);
  return lettersOf(own, others);
}

async function readLetter(system: System, { service, id }: LetterName): Promise<ShownLetter> {
  const path = `${lettersPath}/${encodeURIComponent(id)}`;
  try {
    const { body } = await system.operatorOf(service).get<LetterView>(path);
    return { service, letter: body, gone: false, redrivesMax };
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return { service, gone: true, redrivesMax };
  }
}
