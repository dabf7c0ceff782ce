import { errorCodes, type ErrorCode } from '../../protocol/errors.ts';
import type { Member } from './member.ts';
import { joinRefused, syncRefused } from './results.ts';
import type { JoinGroupResult, SyncGroupResult } from './types.ts';

export function answerJoin(member: Member, result: JoinGroupResult): void {
  const reply = member.join;
  member.join = undefined;
  reply?.(result);
}

export function answerSync(member: Member, result: SyncGroupResult): void {
  const reply = member.sync;
  member.sync = undefined;
  reply?.(result);
}

/**
 * Parks a JoinGroup. An earlier one of the same member is answered with an error that makes the
 * client retry.
 */
export function parkJoin(member: Member): Promise<JoinGroupResult> {
  answerJoin(member, joinRefused(errorCodes.REBALANCE_IN_PROGRESS, member.memberId));
  return new Promise((resolve) => (member.join = resolve));
}

/**
 * Answers a parked SyncGroup and renews the member's session, since the member could not send
 * heartbeats while it was parked.
 */
export function endSync(member: Member, result: SyncGroupResult): void {
  if (member.sync === undefined) return;
  member.session.renew(member.sessionTimeoutMs);
  answerSync(member, result);
}

/** Answers every parked request of the member. */
export function dismiss(member: Member, code: ErrorCode): void {
  answerJoin(member, joinRefused(code, code === errorCodes.UNKNOWN_MEMBER_ID ? '' : member.memberId));
  answerSync(member, syncRefused(code));
}
