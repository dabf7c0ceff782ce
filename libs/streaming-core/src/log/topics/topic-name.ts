import { ProtocolError } from '../../protocol/errors.ts';

const legal = /^[a-zA-Z0-9._-]{1,249}$/;

/** T1: metrics names used to replace dots, so two names may not differ in `.` and `_` only. */
const collisionKey = (name: string) => name.replaceAll('.', '_');

/** Throws INVALID_TOPIC_EXCEPTION for what no topic can be called. */
export function checkTopicName(name: string): void {
  if (!legal.test(name) || name === '.' || name === '..')
    throw new ProtocolError(
      'INVALID_TOPIC_EXCEPTION',
      `topic name "${name}" is not legal: use 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'`,
    );
}

/** Throws INVALID_TOPIC_EXCEPTION or TOPIC_ALREADY_EXISTS. */
export function checkNewTopicName(name: string, existing: Iterable<string>): void {
  checkTopicName(name);
  for (const other of existing) {
    if (other === name) throw new ProtocolError('TOPIC_ALREADY_EXISTS', `topic ${name} exists already`);
    if (collisionKey(other) === collisionKey(name))
      throw new ProtocolError('INVALID_TOPIC_EXCEPTION', `topic ${name} differs from ${other} only in '.' and '_'`);
  }
}
