import { Module, type DynamicModule, type InjectionToken } from '@nestjs/common';
import { messageTypesOf, type Topic } from '@millrace/streaming-core/contract';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { SERVICE } from '../../ground/config/service.ts';
import { provide, token } from '../../ground/provide.ts';
import { DATABASE, QUIET_DATABASE } from '../../database/database.module.ts';
import { DEAD_LETTER_DECISIONS, openDeadLetterDecisions } from './open-dead-letter-decisions.ts';
import { LOGGER } from '../../ground/logging/logger.ts';
import { personalDataIfAny } from '../personal/personal-data.tokens.ts';
import { checkTables, type TopicProjection } from '@millrace/read-models';
import { createMessageBus, type MessageBusLimits } from './message-bus.ts';
import {
  connectMessaging,
  MESSAGE_BUS,
  MessagingWiring,
  REACTIONS,
  type Reactions,
} from './messaging-wiring.ts';

export interface MessagingModuleOptions {
  /**
   * Topics of commands that only this service reads. An unknown type on them becomes a dead letter.
   */
  readonly commands: readonly Pick<Topic, 'declaration'>[];
  /** Every other topic that the service reads or writes. All topics must exist before it starts. */
  readonly events: readonly Pick<Topic, 'declaration'>[];
  /**
   * Read models that the service's own group keeps up to date from messages, in its own database.
   */
  readonly projections?: readonly TopicProjection[];
  readonly limits?: MessageBusLimits;
  readonly reactions?: {
    readonly inject?: readonly InjectionToken[];
    // Nest cannot type what it injects into a factory: the caller's parameter types are the
    // contract.
    readonly useFactory: (...injected: never[]) => Reactions | Promise<Reactions>;
  };
}

const noReactions: Reactions = { handlers: [] };

/**
 * Publishes the outbox (role `relay`) and consumes as the group named after the service (role
 * `worker`). Needs `DatabaseModule`. Starts once every topic exists, notifies the relay of each
 * commit, and stops before the database closes. A process with neither role needs no broker.
 */
@Module({})
export class MessagingModule {
  static forRoot({
    commands,
    events,
    projections = [],
    reactions,
    limits,
  }: MessagingModuleOptions): DynamicModule {
    const commandTopics = namesOf(commands);
    const declarations = [...commands, ...events].map(({ declaration }) => declaration);
    const topics = [...commandTopics, ...namesOf(events)];
    return {
      module: MessagingModule,
      providers: [
        provide(
          MESSAGE_BUS,
          [SERVICE, DATABASE, QUIET_DATABASE, LOGGER, personalDataIfAny],
          ({ name, config }, database, quietDatabase, logger, personalData) =>
            createMessageBus({
              group: name,
              config,
              reads: declarations,
              database,
              quietDatabase,
              logger,
              commandTopics,
              personalData,
              delivery: config.relayDelivery,
              limits,
            }),
        ),
        {
          provide: REACTIONS,
          inject: [QUIET_DATABASE, ...(reactions?.inject ?? [])],
          useFactory: async (database: SqlDatabase, ...injected: never[]): Promise<Reactions> => {
            await checkTables(
              database,
              projections.map(({ checked }) => checked),
            );
            const others = (await reactions?.useFactory(...injected)) ?? noReactions;
            return { ...others, handlers: [...others.handlers, ...projections.flatMap(handlersOf)] };
          },
        },
        provide(
          DEAD_LETTER_DECISIONS,
          [SERVICE, MESSAGE_BUS, REACTIONS, DATABASE, LOGGER, personalDataIfAny],
          ({ name }, bus, { topics: others = [] }, database, logger, personalData) =>
            openDeadLetterDecisions({
              service: name,
              topics: [...new Set([...topics, ...others])],
              messages: [...commands, ...events].flatMap(messageTypesOf),
              personalData,
              bus,
              database,
              logger,
            }),
        ),
        MessagingWiring,
        provide(token<void>('messaging'), [MessagingWiring], (wiring) => connectMessaging(topics, wiring)),
      ],
    };
  }
}

const namesOf = (topics: readonly Pick<Topic, 'declaration'>[]): readonly string[] =>
  topics.map(({ declaration }) => declaration.name);

const handlersOf = ({ handlers }: TopicProjection) => handlers;
