import { ProtocolError } from '../../protocol/errors.ts';

const legal = /^[a-zA-Z0-9._-]{1,249}$/;

/** T1: metrics names used to replace dots, so two names may not differ in `.` and `_` only. */
export const collisionKey = (name: string) => name.replaceAll('.', '_');

/** Throws INVALID_TOPIC_EXCEPTION for what no topic can be called. */
export function checkTopicName(name: string): void {
  if (!legal.test(name) || name === '.' || name === '..')
    throw new ProtocolError(
      'INVALID_TOPIC_EXCEPTION',
      `topic name "${name}" is not legal: use 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'`,
    );
}

/** Throws INVALID_TOPIC_EXCEPTION or TOPIC_ALREADY_EXISTS. `alike`: the topic, if there is one, whose name has the same collision key. */
export function checkNewTopicName(name: string, alike: string | undefined): void {
  checkTopicName(name);
  if (alike === name) throw new ProtocolError('TOPIC_ALREADY_EXISTS', `topic ${name} exists already`);
  if (alike !== undefined)
    throw new ProtocolError(
      'INVALID_TOPIC_EXCEPTION',
      `topic ${name} differs from ${alike} only in '.' and '_'`,
    );
}
