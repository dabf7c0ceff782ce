/**
 * The fields of `node --cpu-prof` output that are used here. Times are in microseconds of the
 * system's monotonic clock; lines count from 0.
 */
export interface CpuProfile {
  readonly startTime: number;
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: Frame;
  readonly children?: readonly number[];
}

export interface Frame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

export interface ProfileSummary {
  /** The share of the time in which the serving thread was idle. */
  readonly idleShare: number;
  /** The shares of the rest of the time, by self time in descending order. */
  readonly parts: ReadonlyArray<{ readonly name: string; readonly share: number }>;
}

export interface SummaryOptions {
  readonly fromUs: number;
  readonly toUs: number;
  readonly partsMax: number;
  /** Names a frame. Calls into the system are named after their callers. */
  readonly nameOf: (frame: Frame) => string;
}

const idle = '(idle)';

/** Summarises what the thread did in a part of the profiled time. */
export function summaryOf(
  profile: CpuProfile,
  { fromUs, toUs, partsMax, nameOf }: SummaryOptions,
): ProfileSummary {
  const names = namesOf(profile.nodes, nameOf);
  const selfUs = new Map<string, number>();
  let at = profile.startTime;
  for (const [index, id] of profile.samples.entries()) {
    const us = profile.timeDeltas[index] ?? 0;
    at += us;
    const name = names.get(id);
    if (name !== undefined && at >= fromUs && at <= toUs) selfUs.set(name, (selfUs.get(name) ?? 0) + us);
  }
  const idleUs = selfUs.get(idle) ?? 0;
  selfUs.delete(idle);
  const busyUs = [...selfUs.values()].reduce((sum, us) => sum + us, 0);
  const parts = [...selfUs]
    .map(([name, us]) => ({ name, share: us / busyUs }))
    .sort((one, other) => other.share - one.share);
  return { idleShare: idleUs / (idleUs + busyUs), parts: parts.slice(0, partsMax) };
}

const systemCalls = /^(writeBuffer|writev|writeBuffers|fdatasync|read)$/;

function namesOf(
  nodes: readonly ProfileNode[],
  nameOf: SummaryOptions['nameOf'],
): ReadonlyMap<number, string> {
  const parents = new Map(
    nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)),
  );
  return new Map(
    nodes.map(({ id, callFrame }) => {
      const parent = parents.get(id)?.callFrame;
      const isCall = callFrame.url === '' && systemCalls.test(callFrame.functionName) && parent !== undefined;
      return [id, isCall ? `${callInWords(callFrame.functionName, parent)} (kernel)` : nameOf(callFrame)];
    }),
  );
}

function callInWords(call: string, { url }: Frame): string {
  if (url === 'node:fs') return call.startsWith('write') ? 'write to the log' : call;
  return call.startsWith('write') ? 'send' : call;
}
