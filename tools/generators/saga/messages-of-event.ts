import type { Tree } from '@nx/devkit';
import { fieldsOf, topicOf, topicsOf, type ContractTopic } from '../source/contracts.ts';
import { pastOf } from '../source/english.ts';
import { messageText, sampleOf } from '../source/sample-values.ts';

interface Beginning {
  readonly commands: ContractTopic;
  readonly events: ContractTopic;
  readonly starts: string;
}

/** `VisitOpened` is about a visit. `CloseVisit` with its event `VisitClosed` ends a compensated saga. */
export function closingOf({ commands, events, starts }: Beginning) {
  requireMessage('--starts', events, starts);
  const [, subject = starts] = /^(.+?)[A-Z][a-z]+$/.exec(starts) ?? [];
  const closing = `Close${subject}`;
  const closed = `${subject}Closed`;
  requireMessage(`--starts ${starts}: the command that ends a compensated saga`, commands, closing);
  requireMessage(`--starts ${starts}: the event that ends a compensated saga`, events, closed);
  const others = [...fieldsOf(commands, closing).keys()].filter((field) => field !== commands.key);
  if (others.length > 0)
    throw new Error(
      `${commands.file}: ${closing} has the field ${others[0]}, for which the saga has no value: make it optional later`,
    );
  return { subject: subject.charAt(0).toLowerCase() + subject.slice(1), closing, closed };
}

interface Step {
  readonly events: ContractTopic;
  readonly starts: string;
  readonly subject: string;
  readonly asks: string;
}

/**
 * The step that sends a command such as `OpenClaim`: `ClaimOpened` accepts it, the event about a claim
 * that has a reason rejects it, and `CloseClaim` undoes it.
 */
export function stepOf(tree: Tree, { events, starts, subject, asks }: Step) {
  const asked = topicsOf(tree).find(({ name, messages }) => name.endsWith('-commands') && messages.has(asks));
  const [, verb, noun] = /^([A-Z][a-z]+)([A-Z]\w*)$/.exec(asks) ?? [];
  if (asked === undefined || verb === undefined || noun === undefined)
    throw new Error(`--asks "${asks}": give the command of a service, a verb and a noun such as OpenClaim`);
  const replies = topicOf(tree, asked.name.replace(/-commands$/, ''), 'events');
  const past = pastOf(verb.toLowerCase());
  const accepted = `${noun}${past.charAt(0).toUpperCase()}${past.slice(1)}`;
  const undo = `Close${noun}`;
  const undone = `${noun}Closed`;
  const rejected = [...replies.messages.keys()].find(
    (type) => type.startsWith(noun) && fieldsOf(replies, type).has('reason'),
  );
  requireMessage(`--asks ${asks}: the event that accepts it`, replies, accepted);
  requireMessage(`--asks ${asks}: the command that undoes it`, asked, undo);
  requireMessage(`--asks ${asks}: the event that answers ${undo}`, replies, undone);
  if (rejected === undefined)
    throw new Error(
      `--asks ${asks}: ${replies.name} has no event such as ${noun}Refused with a field "reason": ` +
        `a step can be rejected, so declare one in ${replies.file}`,
    );
  const available = fieldsOf(events, starts);
  const valueOf = (field: string): string => {
    if (field === asked.key) return `${field}: ${subject}.${events.key}`;
    if (available.has(field)) return `${field}: ${subject}.${field}`;
    throw new Error(
      `--asks ${asks}: it has the field ${field}, which ${starts} lacks: add it to ${events.file}`,
    );
  };
  return {
    topics: [asked.constant, replies.constant],
    texts: {
      step: noun.charAt(0).toLowerCase() + noun.slice(1),
      asked: asked.constant,
      replies: replies.constant,
      ask: asks,
      'ask fields': [...fieldsOf(asked, asks).keys()].map(valueOf).join(', '),
      accepted,
      rejected,
      undo,
      undone,
      'undo fields': [...fieldsOf(asked, undo).keys()].map(valueOf).join(', '),
      rejection: messageText(tree, replies, rejected, `${asked.key}: ${events.key}`),
      reason: sampleOf(tree, { path: replies.file, schema: fieldsOf(replies, rejected).get('reason') ?? '' }),
    },
  };
}

function requireMessage(what: string, { name, file, messages }: ContractTopic, type: string): void {
  if (!messages.has(type))
    throw new Error(
      `${what}: ${name} has no message ${type}: declare it in ${file}, or give one of ${[...messages.keys()].join(', ')}`,
    );
}
