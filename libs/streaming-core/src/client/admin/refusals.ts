import { errorCodes } from '../../protocol/errors.ts';
import { brokerError } from '../connection/accept.ts';

/** The remedies for errors whose text from the broker does not say what to do. */
const remedies = new Map<number, string>([
  [errorCodes.NON_EMPTY_GROUP, 'the group has members: stop them, or call groups.removeMembers first'],
  [errorCodes.GROUP_SUBSCRIBED_TO_TOPIC, 'a member of the group reads the topic: stop the members first'],
  [errorCodes.GROUP_ID_NOT_FOUND, 'there is no such group: groups.list shows all of them'],
  [errorCodes.OFFSET_OUT_OF_RANGE, 'the offset is beyond the high watermark: give -1 for the high watermark'],
  [
    errorCodes.TOPIC_ALREADY_EXISTS,
    'choose another name, or use createTopics, which accepts an existing topic',
  ],
]);

/** Returns the error that a code in a response stands for, with a remedy, or undefined for NONE. */
export function refusal(errorCode: number, message: string | null = null): Error | undefined {
  if (errorCode === errorCodes.NONE) return undefined;
  const texts = [message, remedies.get(errorCode)].filter((text) => text);
  return brokerError(errorCode, texts.join('. '));
}
