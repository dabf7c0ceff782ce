import { describe, expect, it } from '@jest/globals';
import { contractTopics, messageUses, servicesThat } from './contract-topics.ts';
import { messagesPage } from './messages-page.ts';
import { usesIn } from './message-uses.ts';
import { filesOf, pageWritten } from './workspace.ts';

const path = 'docs/reference/messages.md';
const isCommand = ({ name }: { readonly name: string }) => name.endsWith('Commands');

/** A fork without choreographed orders keeps their messages, because its log may have some. */
const onlyOnOldLogs = new Set(
  filesOf('apps/*/src/choreography/*.messages.ts').length > 0
    ? []
    : ['OrderFailed', 'PaymentDetails', 'ShippingDetails'],
);

describe('the page of messages', () => {
  it('R40 is what the contracts and the sources of the services say', () => {
    const wanted = messagesPage();
    expect(pageWritten(path, wanted)).toBe(wanted);
  });

  it('knows a service that writes each event', () => {
    const events = contractTopics.filter((topic) => !isCommand(topic));
    const orphans = events.flatMap(({ name, messages }) =>
      messages
        .filter(({ type }) => !onlyOnOldLogs.has(type) && servicesThat('writes', name, type).length === 0)
        .map(({ type }) => `${name}.${type}`),
    );
    expect(events.length).toBeGreaterThan(0);
    expect(orphans).toEqual([]);
  });

  it('knows one service that reads each command', () => {
    const read = contractTopics
      .filter(isCommand)
      .flatMap(({ name, messages }) =>
        messages
          .filter(({ type }) => !onlyOnOldLogs.has(type) && servicesThat('decides', name, type).length === 0)
          .map(({ type }) => ({ type, readers: servicesThat('reads', name, type).length })),
      );
    expect(read.length).toBeGreaterThan(0);
    expect(read.filter(({ readers }) => readers !== 1)).toEqual([]);
  });

  it('knows no message that the contracts do not declare', () => {
    const declared = new Set(
      contractTopics.flatMap(({ name, messages }) => messages.map(({ type }) => `${name}.${type}`)),
    );
    const named = messageUses.flatMap(({ topic, type }) => (type === undefined ? [] : [`${topic}.${type}`]));
    expect(named.filter((name) => !declared.has(name))).toEqual([]);
  });
});

describe('the use of a message', () => {
  const topics = new Set(['aCommands', 'aEvents']);
  const uses = (text: string) =>
    usesIn('apps/shop/src/x.ts', text, topics).map(({ use, topic, type }) => `${use} ${topic} ${type}`);

  it.each([
    ['a published event', 'toPublic(aEvents.Done, { id })', ['writes aEvents Done']],
    ['a command of a saga', '({ command: () => aCommands.Do({ id }) })', ['writes aCommands Do']],
    [
      'a command that the service decides by itself',
      'saga.pivot("end", { command: () => aCommands.Do({ id }), local: true })',
      ['decides aCommands Do'],
    ],
    ['a reply', '({ accepted: aEvents.Done })', ['reads aEvents Done']],
    ['a handler', 'class A { @Handles(aCommands.Do, {}) do() {} }', ['reads aCommands Do']],
    [
      'a projection',
      'topicProjection(Row).from(aEvents, { Done: () => ({}), Gone })',
      ['reads aEvents Done', 'reads aEvents Gone'],
    ],
    ['a whole topic', 'builder.stream(aEvents.declaration.name)', ['reads aEvents undefined']],
    ['a schema', 'aCommands.Do.schema.parse(x)', []],
    ['the topics of a module', 'MessagingModule.forRoot({ commands: [aCommands], events: [aEvents] })', []],
  ])('is found by the syntax: %s', (_what, text, found) => {
    expect(uses(text)).toEqual(found);
  });
});
