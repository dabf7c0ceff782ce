import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { days, topic, type Message } from '../../contract/index.ts';
import { createHandlerTable, type MessageContext, type MessageHandler } from './message-handler.ts';

const notes = topic(
  'notes',
  { key: 'noteId', partitions: 1, retention: days(1) },
  { Noted: z.object({ noteId: z.string() }) },
);

describe('the handlers of an event', () => {
  const called: string[] = [];
  const handler = (name: string, saga?: string): MessageHandler => ({
    message: notes.Noted,
    ...(saga !== undefined && { saga }),
    handle: async () => void called.push(name),
  });
  const calledFor = async (handlers: readonly MessageHandler[], saga?: string) => {
    called.length = 0;
    const found = createHandlerTable(handlers, []).find('notes', { type: 'Noted', saga });
    await found?.handle({} as Message, {} as MessageContext);
    return found === undefined ? 'skipped' : [...called];
  };

  it('take it in the order in which they are registered, and those of a saga only its messages', async () => {
    const handlers = [handler('trip', 'trip'), handler('any'), handler('visit', 'visit')];
    expect(await calledFor(handlers)).toEqual(['any']);
    expect(await calledFor(handlers, 'trip')).toEqual(['trip', 'any']);
    expect(await calledFor(handlers, 'visit')).toEqual(['any', 'visit']);
    expect(await calledFor(handlers, 'return')).toEqual(['any']);
  });

  it('leave it to be skipped if each is limited to another saga', async () => {
    const handlers = [handler('trip', 'trip')];
    expect(await calledFor(handlers, 'trip')).toEqual(['trip']);
    expect(await calledFor(handlers, 'visit')).toBe('skipped');
    expect(await calledFor(handlers)).toBe('skipped');
  });
});
