import { createPersonalData } from '@millrace/personal-data';
import { messageTypesOf, type Topic } from '@millrace/streaming-core/contract';
import { keysOfSealed, openFields, sealedFieldsOf } from '@millrace/streaming-core/personal';
import { systemClock } from '@millrace/streaming-core/runtime';
import type { TestDatabase } from '../postgres/index.ts';
import type { PublishedMessage } from './test-log.ts';

/** Returns messages with their personal fields opened, or as they are if these were erased. */
export function messageOpener(
  keys: TestDatabase,
  topics: readonly Pick<Topic, 'declaration'>[],
): (topic: string, messages: readonly PublishedMessage[]) => Promise<readonly PublishedMessage[]> {
  const personalData = createPersonalData({ database: keys.sql, clock: systemClock, cacheMs: 0 });
  const types = topics.flatMap(messageTypesOf);
  const opened = async (topic: string, published: PublishedMessage): Promise<PublishedMessage> => {
    const { message, headers } = published;
    const type = types.find((each) => each.topic.name === topic && each.type === message.type);
    const sealed = type?.personal && sealedFieldsOf(type.personal, message);
    if (type?.personal === undefined || sealed === undefined) return published;
    const { holder } = type.personal;
    const loaded = await personalData.keysToOpen(keysOfSealed(holder, sealed));
    const plain = openFields(loaded, holder, headers.get('ce_id') ?? '', message, sealed);
    return plain === undefined ? published : { ...published, message: plain as PublishedMessage['message'] };
  };
  return (topic, messages) => Promise.all(messages.map((message) => opened(topic, message)));
}
