import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { systemClock } from '@millrace/streaming-core/runtime';
import type { z } from 'zod';
import {
  byReason,
  changedPaths,
  fits,
  jsonOf,
  listedOf,
  outcomesOf,
  placeOfId,
  viewOfLetter,
  type DeadLetter,
  type DeadLetterDecisions,
  type DeadLetterPosition,
} from '@millrace/operations/dead-letters';
import { DEAD_LETTER_DECISIONS } from '../modules/messaging/messaging.module.ts';
import { Describe } from '../web/openapi/describe.ts';
import { decodeCursor, encodeCursor } from '../web/http/pagination.ts';
import { notFound, refusal } from '../web/problems/problem.ts';
import {
  discardRequest,
  letterId,
  letterPlace,
  lettersPage,
  lettersQuery,
  letterView,
  decisionPlace,
  outcomesView,
  reasonsView,
  redriveRequest,
  type LetterFilter,
} from '@millrace/operations/contract';
import { actorHeader, readActor } from './request-headers.ts';

/** The number of letters that are counted by reason. */
const countedMax = 5_000;

/** How many times one request continues its search for open letters. */
const scansMax = 10;

type DecisionRequest = z.infer<typeof redriveRequest> | z.infer<typeof discardRequest>;

@Controller('ops/dead-letters')
export class OpsDeadLettersController {
  constructor(@Inject(DEAD_LETTER_DECISIONS) private readonly deadLetters: DeadLetterDecisions) {}

  @Get()
  @Describe({ summary: 'List the dead letters of the service', answers: { 200: lettersPage } })
  async list(
    @Query({ schema: lettersQuery }) { state, limit, after, ...filter }: z.infer<typeof lettersQuery>,
  ) {
    const from = decodeCursor(after, letterPlace, 'after');
    const { letters, next } = await this.deadLetters.scan(from && placeOf(from), limit, (letter) =>
      fits(letter, filter),
    );
    const decisions = await this.deadLetters.decisions(letters);
    const isListed = ({ id }: DeadLetter) => state === 'all' || decisions.has(id) === (state === 'decided');
    return {
      items: letters.filter(isListed).map((letter) => listedOf(letter, decisions.get(letter.id))),
      nextCursor: next === undefined ? null : encodeCursor(cursorOf(next)),
    };
  }

  @Get('reasons')
  @Describe({
    summary: 'Count the open dead letters by topic, group, type and kind of error',
    answers: { 200: reasonsView },
  })
  async reasons(): Promise<z.infer<typeof reasonsView>> {
    const { letters, next } = await this.deadLetters.scan(undefined, countedMax, () => true);
    const decisions = await this.deadLetters.decisions(letters);
    return {
      items: [...byReason(letters.filter(({ id }) => !decisions.has(id)))],
      complete: next === undefined,
    };
  }

  @Get(':id')
  @Describe({
    summary: 'Get a dead letter with its value, its headers and its stack',
    answers: { 200: letterView },
    problems: { 404: ['unknown_dead_letter'] },
  })
  async one(@Param('id', { schema: letterId }) id: string) {
    const letter = await this.deadLetters.one(placeOfId(id)!);
    if (letter === undefined) throw unknownLetter();
    return viewOfLetter(letter, (await this.deadLetters.decisions([letter])).get(letter.id));
  }

  @Post('redrive')
  @HttpCode(200)
  @Describe({
    summary: 'Send the messages of dead letters again',
    description:
      'A message goes to its topic with its id, so that only the group that gave it up handles it. A letter ' +
      'is decided once: a second redrive is refused as `decided_before`. Personal data stays sealed, and what ' +
      'a new value has in its place is sealed too.',
    requiredHeaders: [actorHeader],
    answers: { 200: outcomesView },
    problems: { 404: ['unknown_dead_letter'] },
  })
  redrive(
    @Headers(actorHeader) who: string | undefined,
    @Body({ schema: redriveRequest }) asked: z.infer<typeof redriveRequest>,
  ) {
    return this.#decide('redriven', readActor(who), asked, asked.value);
  }

  @Post('discard')
  @HttpCode(200)
  @Describe({
    summary: 'Discard dead letters permanently',
    requiredHeaders: [actorHeader],
    answers: { 200: outcomesView },
  })
  discard(
    @Headers(actorHeader) who: string | undefined,
    @Body({ schema: discardRequest }) asked: z.infer<typeof discardRequest>,
  ) {
    return this.#decide('discarded', readActor(who), asked);
  }

  async #decide(
    decision: 'redriven' | 'discarded',
    actor: string,
    request: DecisionRequest,
    edit?: Readonly<Record<string, unknown>>,
  ) {
    const { letters, unknown, nextCursor } = await this.#chosen(request);
    const edited = edit === undefined ? [] : this.#editedPaths(letters[0], edit);
    const asked = { decision, actor, reason: request.reason, edit, edited };
    const outcomes = await this.deadLetters[request.dryRun ? 'judge' : 'carryOut'](letters, asked);
    return outcomesOf({ outcomes, unknown, dryRun: request.dryRun, edited, nextCursor });
  }

  async #chosen({ ids, filter = {}, limit, after }: DecisionRequest) {
    if (ids === undefined) return this.#open(filter, limit, decodeCursor(after, decisionPlace, 'after'));
    const found: DeadLetter[] = [];
    const unknown: string[] = [];
    for (const id of new Set(ids)) {
      const letter = await this.deadLetters.one(placeOfId(id)!);
      if (letter === undefined) unknown.push(id);
      else found.push(letter);
    }
    return { letters: found, unknown, nextCursor: null };
  }

  /**
   * Skips decided letters until it has found open ones, or has searched far enough. Leaves out
   * letters that were written after the first request, because redriven messages may have become
   * letters again. A request that has found some stops: the caller continues after them.
   */
  async #open(filter: LetterFilter, limit: number, after: z.infer<typeof decisionPlace> | undefined) {
    const before = after?.before ?? new Date(systemClock.now()).toISOString();
    const isWanted = (letter: DeadLetter) =>
      fits(letter, filter) && Date.parse(letter.at) <= Date.parse(before);
    const open: DeadLetter[] = [];
    let from = after && placeOf(after);
    for (let scans = 0; scans < scansMax; scans++) {
      const { letters, next } = await this.deadLetters.scan(from, limit, isWanted);
      const decisions = await this.deadLetters.decisions(letters);
      open.push(...letters.filter(({ id }) => !decisions.has(id)));
      from = next;
      if (from === undefined || open.length > 0) break;
    }
    const nextCursor = from === undefined ? null : encodeCursor({ ...cursorOf(from), before });
    return { letters: open, unknown: [], nextCursor };
  }

  #editedPaths(letter: DeadLetter | undefined, edit: Readonly<Record<string, unknown>>): readonly string[] {
    if (letter === undefined) throw unknownLetter();
    // An edit of a value that is no JSON changes all of it.
    if (edit['type'] === letter.type) return changedPaths(jsonOf(letter), edit);
    const errors = [{ field: 'value.type', message: `must stay ${letter.type}` }];
    throw refusal('invalid_request', { errors });
  }
}

const unknownLetter = () => notFound('unknown_dead_letter', 'The service has no such dead letter');

const cursorOf = ({ topic, partition, offset }: DeadLetterPosition): z.infer<typeof letterPlace> => ({
  topic,
  partition,
  offset: String(offset),
});

const placeOf = ({ topic, partition, offset }: z.infer<typeof letterPlace>): DeadLetterPosition => ({
  topic,
  partition,
  offset: BigInt(offset),
});
