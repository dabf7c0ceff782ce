import { Module, type DynamicModule, type InjectionToken } from '@nestjs/common';
import { messageTypesOf, type Topic, type MessageDeclaration } from '@millrace/streaming-core/contract';
import { connectorOfOutbox } from '@millrace/streaming-core/outbox';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { checkTables, type TopicProjection } from '@millrace/read-models';
import type { Logger } from '@millrace/streaming-core/runtime';
import {
  deadLetterDecisions,
  deadLetterLog,
  sealedLetters,
  type DeadLetterDecisions,
  type SealedLettersOptions,
} from '@millrace/operations/dead-letters';
import { SERVICE } from '../../ground/config/service-config.ts';
import { provide, token } from '../../ground/provide.ts';
import { DATABASE, QUIET_DATABASE } from '../../database/database.tokens.ts';
import { LOGGER } from '../../ground/logging/logger.ts';
import { personalDataIfAny } from '../personal/personal-data.tokens.ts';
import { createMessageBus, type MessageBusLimits, type MessageBus } from './message-bus.ts';
import {
  connectMessaging,
  MESSAGE_BUS,
  MessagingWiring,
  REACTIONS,
  type Reactions,
} from './messaging-wiring.ts';
import { newId } from '../events/recording.ts';

/** The service's `DeadLetterDecisions`. */
export const DEAD_LETTER_DECISIONS = token<DeadLetterDecisions>('DeadLetterDecisions');

interface OpenDeadLetterDecisionsOptions extends Pick<SealedLettersOptions, 'personalData'> {
  readonly service: string;
  /** Every topic that the service may read. */
  readonly topics: readonly string[];
  /** The messages of those topics, with their personal fields. */
  readonly messages: readonly MessageDeclaration[];
  readonly bus: Pick<MessageBus, 'logReader' | 'describeTopics' | 'deleteBefore'>;
  readonly database: SqlDatabase;
  readonly logger: Logger;
}

/** Opens the dead letters for the groups of a service: its own, and that of its read models. */
const openDeadLetterDecisions = ({
  service,
  topics,
  messages,
  personalData,
  bus,
  database,
  logger,
}: OpenDeadLetterDecisionsOptions): DeadLetterDecisions =>
  deadLetterDecisions({
    log: deadLetterLog({
      reader: bus.logReader,
      describeTopics: bus.describeTopics,
      topics,
      groups: [service, `${service}-projector`],
    }),
    database,
    deleteBefore: bus.deleteBefore,
    newId,
    sealed: sealedLetters({
      personalOf: (topic, type) =>
        messages.find((message) => message.topic.name === topic && message.type === type)?.personal,
      personalData,
    }),
    logger,
  });

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
              idlePollMs: config.idlePollMs,
              delivery: config.relayDelivery,
              connector: {
                control: connectorOfOutbox({
                  url: config.relayConnectUrl,
                  name: `outbox-${name}`,
                  databaseUrl: config.databaseUrl,
                }),
                publishes: config.relay === 'cdc',
              },
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
