import { ProtocolError } from '../../protocol/errors.ts';

const legal = /^[a-zA-Z0-9._-]{1,249}$/;

/**
 * Two topic names may not differ only in `.` and `_`, because Kafka replaces dots in the names of
 * its metrics.
 */
export const collisionKey = (name: string) => name.replaceAll('.', '_');

/** Throws INVALID_TOPIC_EXCEPTION for an illegal name. */
export function checkTopicName(name: string): void {
  if (!legal.test(name) || name === '.' || name === '..')
    throw new ProtocolError(
      'INVALID_TOPIC_EXCEPTION',
      `topic name "${name}" is not legal: use 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'`,
    );
}

/**
 * Throws INVALID_TOPIC_EXCEPTION or TOPIC_ALREADY_EXISTS. `alike` is the existing topic with the
 * same collision key, if there is one.
 */
export function checkNewTopicName(name: string, alike: string | undefined): void {
  checkTopicName(name);
  if (alike === name) throw new ProtocolError('TOPIC_ALREADY_EXISTS', `topic ${name} already exists`);
  if (alike !== undefined)
    throw new ProtocolError(
      'INVALID_TOPIC_EXCEPTION',
      `topic ${name} differs from ${alike} only in '.' and '_'`,
    );
}
