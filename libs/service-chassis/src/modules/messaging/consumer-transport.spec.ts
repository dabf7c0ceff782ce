import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Controller, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Decider, StreamSet } from '@millrace/event-sourcing';
import { topic, type MessageOf } from '@millrace/streaming-core/contract';
import { silentLogger } from '@millrace/streaming-core/runtime';
import type { MessageContext, MessageHandler } from '@millrace/streaming-core/consumer';
import { z } from 'zod';
import { ChassisModule } from '../chassis.module.ts';
import { createLifecycle } from '../../ground/lifecycle/lifecycle.ts';
import { currentContext } from '../../ground/logging/request-context.ts';
import { createMetrics } from '../../observability/metrics/metrics.ts';
import type { ServiceConfig } from '../../ground/config/service-config.ts';
import { ConsumerTransport, type ConsumerTransportOptions, Handles } from './consumer-transport.ts';

const commands = topic(
  'shelf-commands',
  { key: 'orderId', partitions: 1, retention: 'unlimited' },
  {
    Reserve: z.strictObject({ orderId: z.string(), sku: z.string() }),
    Release: z.strictObject({ orderId: z.string() }),
  },
);
const events = topic(
  'shelf-events',
  { key: 'orderId', partitions: 1, retention: 'unlimited' },
  { Reserved: z.strictObject({ orderId: z.string() }) },
);
type Reserve = MessageOf<typeof commands.Reserve>;
type Release = MessageOf<typeof commands.Release>;

class OutOfStock extends Error {}
const told: unknown[] = [];

@Controller()
class ShelfMessages {
  @Handles(commands.Reserve, { locks: (command) => [`stock-${command.sku}`] })
  async reserve(command: Reserve, context: MessageContext) {
    await Promise.resolve();
    told.push([command, context.id, currentContext()]);
  }

  @Handles(commands.Release)
  release(_command: Release): Promise<void> {
    return Promise.reject(new OutOfStock('nothing there'));
  }
}

const stock: Decider<never, never, undefined> = {
  initialState: undefined,
  decide: () => [],
  evolve: () => undefined,
};
const answersOf = ({ sku }: Reserve): StreamSet => ({ stock: [stock, `stock-${sku}`] });

@Controller()
class AnsweringShelf {
  @Handles(commands.Reserve, { locks: ({ sku }) => [`stock-${sku}`], answers: answersOf })
  reserve(_command: Reserve): Promise<void> {
    return Promise.resolve();
  }
}

@Controller()
class FirstReaction {
  @Handles(events.Reserved, {
    locks: ({ orderId }, { saga }) => (saga === undefined ? [] : [`first-${orderId}`]),
  })
  async reserved(): Promise<void> {
    told.push(await Promise.resolve('first'));
  }
}

@Controller()
class SecondReaction {
  @Handles(events.Reserved, { locks: ({ orderId }) => [`second-${orderId}`] })
  async reserved(): Promise<void> {
    told.push(await Promise.resolve('second'));
  }
}

/** Starts a Nest application whose runtime only records the handlers that it gets. */
async function adapting(
  controllers: Type[],
  extra: readonly MessageHandler[] = [],
  repeatAnswer?: ConsumerTransportOptions['repeatAnswer'],
) {
  let given: readonly MessageHandler[] = [];
  let stops = 0;
  const lines: unknown[] = [];
  const runtime = {
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(void stops++),
    addOwnershipListener: () => undefined,
    status: () => [],
  };
  const transport = new ConsumerTransport({
    createRuntime: (handlers) => {
      given = handlers;
      return runtime;
    },
    logger: {
      ...silentLogger,
      info: (fields, message) => void lines.push([message, fields, currentContext()]),
      warn: (fields, message) => void lines.push([message, fields, currentContext()]),
    },
    extraHandlers: extra,
    logSubject: 'orderId',
    repeatAnswer,
  });
  class Shelf {}
  Module({})(Shelf);
  const chassis = ChassisModule.forRoot({
    app: { name: 'shelf', config: {} as ServiceConfig },
    logger: silentLogger,
    lifecycle: createLifecycle(silentLogger),
    metrics: createMetrics({ service: 'shelf', processMetrics: false }),
  });
  const app = await NestFactory.create(
    { module: Shelf, imports: [chassis], controllers },
    new FastifyAdapter(),
    {
      logger: false,
      abortOnError: false,
    },
  );
  app.connectMicroservice({ strategy: transport }, { inheritAppConfig: true });
  const listening = app.startAllMicroservices();
  listening.catch(() => undefined);
  const handlersOf = (type: string) => given.filter(({ message }) => message.type === type);
  const handlerOf = (type: string) => {
    const [handler] = handlersOf(type);
    if (handler === undefined) throw new Error(`no handler of ${type}`);
    return handler;
  };
  return { app, listening, handlerOf, handlersOf, lines, stops: () => stops, transport };
}

const context = { id: 'm1', correlationId: 'story-1', topic: 'shelf-commands' } as MessageContext;

describe('the transport', () => {
  it('hands each marked method to the runtime with its message and its locks', async () => {
    const { app, listening, handlerOf } = await adapting([ShelfMessages]);
    await listening;
    expect(handlerOf('Reserve').message).toBe(commands.Reserve);
    expect(handlerOf('Reserve').locks?.(commands.Reserve({ orderId: 'o1', sku: 'lamp' }), context)).toEqual([
      'stock-lamp',
    ]);
    await app.close();
  });

  it('awaits the method and passes it the message, its context and its correlation id', async () => {
    const { app, listening, handlerOf } = await adapting([ShelfMessages]);
    await listening;
    told.length = 0;
    const command = commands.Reserve({ orderId: 'o1', sku: 'lamp' });
    await handlerOf('Reserve').handle(command, context);
    expect(told).toEqual([
      [command, 'm1', { correlationId: 'story-1', causationId: 'm1', logFields: { orderId: 'o1' } }],
    ]);
    await app.close();
  });

  it('logs one line for each message, and only once it is committed', async () => {
    const { app, listening, handlerOf, lines } = await adapting([ShelfMessages]);
    await listening;
    const command = commands.Reserve({ orderId: 'o1', sku: 'lamp' });
    await handlerOf('Reserve').handle(command, context);
    expect(lines).toEqual([]);
    handlerOf('Reserve').committed?.(command, context);
    const story = { correlationId: 'story-1', causationId: 'm1', logFields: { orderId: 'o1' } };
    expect(lines).toEqual([
      ['handled', expect.objectContaining({ type: 'Reserve', topic: 'shelf-commands' }), story],
    ]);
    await app.close();
  });

  it('repeats the answer to a duplicate command from the streams that its method names, and warns about streams that are too long', async () => {
    const repeated: unknown[] = [];
    const { app, listening, handlerOf, lines } = await adapting([AnsweringShelf], [], (message, streams) => {
      repeated.push([message, streams, currentContext()]);
      return Promise.resolve(['stock-lamp']);
    });
    await listening;
    const command = commands.Reserve({ orderId: 'o1', sku: 'lamp' });
    const place = { ...context, partition: 3, offset: 7n };
    await handlerOf('Reserve').handleDuplicate?.(command, place);

    const story = { correlationId: 'story-1', causationId: 'm1', logFields: { orderId: 'o1' } };
    expect(repeated).toEqual([[place, { stock: [stock, 'stock-lamp'] }, story]]);
    expect(lines).toEqual([
      [
        expect.stringContaining('too far back in a long stream'),
        { type: 'Reserve', topic: 'shelf-commands', partition: 3, offset: '7', streams: ['stock-lamp'] },
        story,
      ],
    ]);
    await app.close();
  });

  it('adds no handleDuplicate if the method names no streams', async () => {
    const { app, listening, handlerOf } = await adapting([ShelfMessages], [], () => Promise.resolve([]));
    await listening;
    expect(handlerOf('Reserve').handleDuplicate).toBeUndefined();
    await app.close();
  });

  it('rejects a method that names the streams of its answer in a service without an event store', async () => {
    const { app, listening } = await adapting([AnsweringShelf]);
    await expect(listening).rejects.toThrow('import EventStoreModule');
    await app.close();
  });

  it('keeps the error that a method threw', async () => {
    const { app, listening, handlerOf } = await adapting([ShelfMessages]);
    await listening;
    await expect(
      handlerOf('Release').handle(commands.Release({ orderId: 'o1' }), context),
    ).rejects.toBeInstanceOf(OutOfStock);
    await app.close();
  });

  it('hands over each handler of an event, the methods first, and passes the context to their locks', async () => {
    const extra: MessageHandler = { message: events.Reserved, handle: () => Promise.resolve() };
    const { app, listening, handlersOf } = await adapting([FirstReaction, SecondReaction], [extra]);
    await listening;
    const event = events.Reserved({ orderId: 'o1' });
    const [first, second, third] = handlersOf('Reserved');

    expect(first?.locks?.(event, context)).toEqual([]);
    expect(first?.locks?.(event, { ...context, saga: 'other' })).toEqual(['first-o1']);
    expect(second?.locks?.(event, context)).toEqual(['second-o1']);
    expect(third?.locks).toBeUndefined();
    told.length = 0;
    await first?.handle(event, context);
    expect(told).toEqual(['first']);
    await second?.handle(event, context);
    expect(told).toEqual(['first', 'second']);
    await app.close();
  });

  it('logs one line for an event with several handlers', async () => {
    const { app, listening, handlersOf, lines } = await adapting([FirstReaction, SecondReaction]);
    await listening;
    const event = events.Reserved({ orderId: 'o1' });
    for (const handler of handlersOf('Reserved')) handler.committed?.(event, context);
    expect(lines).toHaveLength(1);
    await app.close();
  });

  it('stops the runtime once, however often it is closed', async () => {
    const { app, listening, stops, transport } = await adapting([ShelfMessages]);
    await listening;
    expect(transport.running).toBe(true);
    await app.close();
    expect(stops()).toEqual(1);
    expect(transport.running).toEqual(false);
  });
});
