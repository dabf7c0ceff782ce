import type { RawMessage } from '@millrace/operations/client';

/** Renders a record or a transaction marker for people: a line, and one for each header on request. */
export function rawLines(message: RawMessage, withHeaders: boolean): readonly string[] {
  const { topic, partition, offset, time, baseOffset, lastOffset, codec } = message;
  const line = [
    `${topic}/${partition}@${offset}`,
    time,
    `batch ${baseOffset}-${lastOffset}`,
    producerText(message),
    `codec ${codec}`,
  ];
  if (message.control !== null) return [[...line, `control: ${message.control}`].join('  ')];
  const { transaction, key, event, value, headerList } = message;
  const content = [key ?? 'no key', event.type, value === null && 'tombstone'];
  const headers = withHeaders ? headerList : [];
  return [
    [...line, `transaction ${transaction}`, ...content].filter(Boolean).join('  '),
    ...headers.map((header) => `  ${header.name}: ${header.value?.replaceAll('\n', '\n    ') ?? 'null'}`),
  ];
}

const producerText = ({ producerId, producerEpoch, sequence }: RawMessage): string => {
  if (producerId < 0n) return 'no producer';
  const producer = `producer ${producerId} epoch ${producerEpoch}`;
  return sequence < 0 ? producer : `${producer} sequence ${sequence}`;
};
