import { Controller, Get, Param, Query } from '@nestjs/common';
import { Describe, Live, LiveAnswers } from '@millrace/service-chassis/app';
import { z } from 'zod';
import type { MessagesPage, ShownMessage } from '../api/topics.ts';
import { Followed, follows } from '../live/followed.ts';
import { rowsOfBatch } from '../live/live-rows.ts';
import { inWords } from '../answer-in-words.ts';
import { throughLog } from '../system/log-connections.ts';
import { listLimit } from '../system/request-fields.ts';
import { MessageReader } from './message-reader.ts';
import { TopicReader } from './topic-reader.ts';

/** The longest name that Kafka allows. */
const topic = z.string().min(1).max(249);
const topicName = z.strictObject({ topic });
const wholeNumber = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const messagePlace = z.strictObject({ topic, partition: wholeNumber, offset: wholeNumber });

const flag = z
  .enum(['0', '1'])
  .default('0')
  .transform((text) => text === '1');

const listQuery = z.strictObject({ name: z.string().max(249).default(''), internal: flag, limit: listLimit });

const text = z.string().min(1).max(512).optional();
const filter = { partition: wholeNumber.optional(), key: text, type: text, correlationId: text, text };
const tailQuery = z.strictObject(filter);
const messageQuery = z.strictObject({
  ...filter,
  from: z.string().max(40).default('-50'),
  positions: z
    .string()
    .regex(/^\d{1,9}:\d{1,18}(,\d{1,9}:\d{1,18}){0,9999}$/)
    .optional(),
  raw: flag,
});

const everyMs = 5_000;

@Controller('api/topics')
export class TopicsController {
  constructor(
    private readonly topics: TopicReader,
    private readonly messages: MessageReader,
    private readonly answers: LiveAnswers,
  ) {}

  @Followed('live', 'Follow the topics, by a part of their names')
  list(@Query({ schema: listQuery }) query: z.infer<typeof listQuery>) {
    return { everyMs, read: () => this.topics.list(query) };
  }

  @Followed('live/:topic', 'Follow the partitions, configs and readers of a topic')
  one(@Param({ schema: topicName }) { topic: name }: z.infer<typeof topicName>) {
    return { everyMs, read: () => this.topics.one(name) };
  }

  @Get('messages/:topic')
  @Describe({
    summary: 'Search the messages of a topic, from an offset or a moment',
    answers: { 200: inWords('The messages that match, what was read, and where to continue') },
    problems: {
      400: ['argument_invalid'],
      404: ['unknown_topic', 'offset_out_of_range'],
      429: ['too_many_searches'],
      502: ['no_answer'],
    },
  })
  page(
    @Param({ schema: topicName }) { topic: name }: z.infer<typeof topicName>,
    @Query({ schema: messageQuery }) query: z.infer<typeof messageQuery>,
  ): Promise<MessagesPage> {
    return throughLog(this.messages.page(name, query));
  }

  @Get('message/:topic/:partition/:offset')
  @Describe({
    summary: 'Get a message with its headers and how the log stores it',
    answers: { 200: inWords('The message') },
    problems: {
      404: ['unknown_topic', 'offset_out_of_range', 'no_record'],
      429: ['too_many_searches'],
      502: ['no_answer'],
    },
  })
  message(
    @Param({ schema: messagePlace }) { topic: name, partition, offset }: z.infer<typeof messagePlace>,
  ): Promise<ShownMessage> {
    return throughLog(this.messages.one(name, partition, offset));
  }

  @Live('tail/:topic')
  @follows('Follow the messages that reach a topic from now on', rowsOfBatch)
  tail(
    @Param({ schema: topicName }) { topic: name }: z.infer<typeof topicName>,
    @Query({ schema: tailQuery }) query: z.infer<typeof tailQuery>,
  ) {
    return this.answers.whileOpen(this.messages.tail(name, query));
  }
}
