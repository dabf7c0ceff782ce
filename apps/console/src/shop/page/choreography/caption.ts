import type { TraceMessage } from '../../../api/trace.ts';

const choreography = 'choreography';

interface Caption {
  readonly text: string;
  readonly file: string;
}

/** The caption of a message of a choreographed order. Undefined for any other message. */
export function choreographyCaption({ type, topic, headers }: TraceMessage): Caption | undefined {
  if (headers['ce_saga'] !== choreography) return undefined;
  const service = (headers['ce_source'] ?? '').split('/').at(-1) ?? '';
  if (type === 'SendOrderMail')
    return {
      text: `${service} asks for the mail in the transaction that ends the order, because the mail has personal data.`,
      file: `apps/${service}/src/public-messages.ts`,
    };
  if (topic.endsWith('-commands'))
    return {
      text:
        `No saga directs this order. ${service} hands over ${type} on a command topic, because it has personal data, ` +
        'which events never have. The reader acts on it once it has heard the event that it waits for, in either order.',
      file: `apps/${service}/src/choreography/public-messages.ts`,
    };
  return {
    text:
      `${service} tells everybody that reads ${topic}. No saga directs this order: the services that need to know react ` +
      'to the event, and each publishes an event of its own (choreography).',
    file: service === 'notification' ? 'apps/notification/src' : `apps/${service}/src/choreography`,
  };
}
