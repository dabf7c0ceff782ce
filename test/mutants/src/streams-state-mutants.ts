import type { Mutant } from './mutant.ts';

const streams = 'libs/streams/src';
const runtime = `${streams}/runtime`;
const commits = `${runtime}/committer.spec.ts`;
const tasks = `${runtime}/active-task.spec.ts`;
const stateFiles = `${streams}/state/state-meta.spec.ts`;

/** When streams keep state, where they go on after a failure, and which state they trust. */
export const streamsStateMutants: readonly Mutant[] = [
  {
    name: 'streams: state committed before the log',
    why: 'after a crash between both commits the records are processed again on top of their own results',
    file: `${runtime}/committer.ts`,
    replace: 'await this.#output.commit(\n',
    by: 'for (const task of working) task.keepState();\n    await this.#output.commit(\n',
    test: {
      file: commits,
      name: 'flushes caches, waits for all writes, commits the log and only then the state',
    },
  },
  {
    name: 'streams: offsets sent before the records of their transaction are written',
    why: 'a process that takes a task over from one that still commits finds offsets without their state',
    file: `${runtime}/committer.ts`,
    replace: 'await Promise.all(working.map((task) => task.flushOutputs()));',
    by: 'Promise.all(working.map((task) => task.flushOutputs())).catch(() => undefined);',
    test: {
      file: `${runtime}/transactional-output.spec.ts`,
      name: 'sends the offsets only after everything is written, and then ends the transaction',
    },
  },
  {
    name: 'streams: offsets committed before records are written, without transactions',
    why: 'records whose results were not written are not processed again',
    file: `${runtime}/committer.ts`,
    replace: 'await Promise.all(working.map((task) => task.flushOutputs()));',
    by: 'Promise.all(working.map((task) => task.flushOutputs())).catch(() => undefined);',
    test: {
      file: `${runtime}/output.spec.ts`,
      name: 'sends offsets only after everything is written',
    },
  },
  {
    name: 'streams: state kept although the outcome of the commit is unknown',
    why: 'the records of an aborted transaction are counted twice',
    file: `${runtime}/committer.ts`,
    replace: 'for (const task of tasks) task.giveUp();',
    by: "if ((error as { code?: string }).code !== 'outcome_unknown') for (const task of tasks) task.giveUp();",
    test: { file: commits, name: 'a commit of unknown outcome is treated as neither done nor undone' },
  },
  {
    name: 'streams: fenced tasks keep their state',
    why: 'state has work that another process does as well, and its file is believed at the next start',
    file: `${runtime}/committer.ts`,
    replace: 'for (const task of tasks) task.giveUp();',
    by: "for (const task of tasks) if (recovery === 'rejoin') task.keepState(); else task.giveUp();",
    test: { file: commits, name: '%s gets another producer and joins again' },
  },
  {
    name: 'streams: no rollback of state after a failure',
    why: 'what is done again is done on top of what failed',
    file: `${runtime}/active-task.ts`,
    replace: 'engine.rollback();',
    by: '',
    test: { file: tasks, name: 'undoes uncommitted work, and repeats it from the committed offset' },
  },
  {
    name: 'streams: writes of a closing node survive the failure',
    why: 'a processor that writes to its store when it is closed adds to state that the log does not have',
    file: `${runtime}/active-task.ts`,
    replace: '} finally {\n      outputs.reset();\n      engine.rollback();\n',
    by: '} finally {\n',
    test: { file: tasks, name: 'undoes the writes of nodes that are being closed' },
  },
  {
    name: 'streams: last record processed again after a restart',
    why: 'each restart counts the last record of each partition twice',
    file: `${runtime}/partition-queue.ts`,
    replace: 'return this.#rawHead?.offset ?? this.#nextOffset;',
    by: 'return this.#rawHead?.offset ?? this.#nextOffset - 1n;',
    test: {
      file: `${runtime}/partition-queue.spec.ts`,
      name: 'commits the offset of its first record, and the next fetch position once it is empty',
    },
  },
  {
    name: 'streams: records in the buffer committed as processed',
    why: 'records that were fetched and not yet processed are lost at a restart',
    file: `${runtime}/partition-queue.ts`,
    replace: 'return this.#rawHead?.offset ?? this.#nextOffset;',
    by: 'return this.#nextOffset;',
    test: {
      file: `${runtime}/partition-queue.spec.ts`,
      name: 'commits the offset of its first record, and the next fetch position once it is empty',
    },
  },
  {
    name: 'streams: offset of a changelog without the last record',
    why: 'state files are never at the end of their changelog, and are refused once they are a day old',
    file: `${runtime}/task-outputs.ts`,
    replace: 'offsets.set(topic, offset + 1n);',
    by: 'offsets.set(topic, offset);',
    test: {
      file: `${runtime}/task-outputs.spec.ts`,
      name: 'reports the offset after the last record of each changelog, and of no other topic',
    },
  },
  {
    name: 'streams: acknowledgements of an aborted transaction count',
    why: 'the offset of a state file lies beyond records that it does not have, and they are never restored',
    file: `${runtime}/task-outputs.ts`,
    replace: 'this.#changelogOffsets = new Map();',
    by: 'this.#changelogOffsets.clear();',
    test: {
      file: `${runtime}/task-outputs.spec.ts`,
      name: 'forgets records in flight that belong to work that was given up',
    },
  },
  {
    name: 'streams: aborted changelog records restored',
    why: 'state has the results of transactions that were given up',
    file: `${runtime}/stream-clients.ts`,
    replace: "changelogs: 'read_committed',",
    by: "changelogs: 'read_uncommitted',",
    test: {
      file: `${runtime}/simulation/simulation.spec.ts`,
      name: 'commits the results of a run without faults, whatever happens to processes, group and requests',
    },
  },
  {
    name: 'streams: partition time not committed',
    why: 'after a restart, an extractor that falls back to the time of the partition has none',
    file: `${runtime}/active-task.ts`,
    replace: 'encodeOffsetMetadata({ partitionTimeMs: queue.partitionTimeMs, nodeTimes })',
    by: 'encodeOffsetMetadata({ partitionTimeMs: -1, nodeTimes })',
    test: {
      file: tasks,
      name: 'commits the offset after the last record that it has processed, and its time',
    },
  },
  {
    name: 'streams: repartition records deleted that are not committed',
    why: 'a crash loses the records that were fetched from a repartition topic and not yet committed',
    file: `${runtime}/active-task.ts`,
    replace: 'const offset = this.#committed.get(placeName(place));',
    by: 'const offset = this.#inputs.queues.get(placeName(place))?.nextOffset;',
    test: { file: tasks, name: 'reports as committed only what it has committed' },
  },
  {
    name: 'streams: skipped records not committed',
    why: 'a partition that ends in records which cannot be read is read again at each start',
    file: `${runtime}/active-task.ts`,
    replace: 'if (queue.skipped > skipped || hasPassed) this.#hasWork = true;',
    by: 'void [skipped, hasPassed];',
    test: { file: tasks, name: 'commits the offset after records that were skipped' },
  },
  {
    name: 'streams: skipped record not counted',
    why: 'nobody sees that records are lost to a policy',
    file: `${runtime}/record-guard.ts`,
    replace: "report('dropped', { applicationId, task: this.#task, reason });",
    by: 'void report;',
    test: {
      file: `${runtime}/record-guard.spec.ts`,
      name: 'counts each record that a policy lets pass',
    },
  },
  {
    name: 'streams: state of another cluster accepted',
    why: 'counts of one cluster go on with the records of another',
    file: `${streams}/state/state-meta.ts`,
    replace: 'if (meta.clusterId !== clusterId)',
    by: "if (clusterId === '')",
    test: { file: stateFiles, name: 'is refused if it %s' },
  },
  {
    name: 'streams: state of a deleted changelog accepted',
    why: 'state and changelog differ from then on, and the next restoration brings another result',
    file: `${streams}/state/state-meta.ts`,
    replace:
      "if (topicId !== null && topicId !== changelog.topicId) return 'was deleted and created again.';",
    by: '',
    test: { file: stateFiles, name: 'is refused if it %s' },
  },
  {
    name: 'streams: state older than the tombstones accepted',
    why: 'a key that was deleted comes back',
    file: `${streams}/state/state-meta.ts`,
    replace: 'nextOffset < endOffset && ageMs > deleteRetentionMs',
    by: 'nextOffset < startOffset && ageMs > deleteRetentionMs',
    test: { file: stateFiles, name: 'is refused if it %s' },
  },
  {
    name: 'streams: state that was not synced before a power failure accepted',
    why: 'the file may lack pages, and its rows are wrong',
    file: `${streams}/state/state-meta.ts`,
    replace: 'if (meta.bootId !== bootId && !meta.isSynced) {',
    by: 'if (meta.bootId === null) {',
    test: { file: stateFiles, name: 'is refused if it %s' },
  },
  {
    name: 'streams: state folder not locked',
    why: 'two processes with one folder fence each other for ever',
    file: `${runtime}/state-folder.ts`,
    replace: 'const release = lock(path, newUuid);',
    by: 'void lock;\n  const release = () => {};',
    test: {
      file: `${runtime}/state-folder.spec.ts`,
      name: 'is refused while another process uses it, and the error has its process id',
    },
  },
  {
    name: 'streams: tasks move for no reason',
    why: 'each rebalance restores state that another process has',
    file: `${streams}/assignment/task-owners.ts`,
    replace: 'for (const process of processes)\n    for (const task of',
    by: 'for (const process of processes.slice(0, 0))\n    for (const task of',
    test: {
      file: `${streams}/assignment/assign-tasks.spec.ts`,
      name: 'leaves the odd task of a sub-topology where it runs',
    },
  },
  {
    name: 'streams: tasks placed without regard to state',
    why: 'a process restores everything anew although another one has it in its folder',
    file: `${streams}/assignment/task-owners.ts`,
    replace: '(one, other) => descending(other.lag, one.lag) || byText',
    by: '(one, other) => byText',
    test: {
      file: `${streams}/assignment/assign-tasks.spec.ts`,
      name: 'prefers a folder with old state to none',
    },
  },
  {
    name: 'streams: slow task has every turn',
    why: 'partitions wait until the queue of another one is empty',
    file: `${runtime}/stream-loop.ts`,
    replace: 'running.push(...running.splice(0, 1));',
    by: '',
    test: { file: `${runtime}/topologies.int.spec.ts`, name: 'lets the other tasks run in between' },
  },
  {
    name: 'streams: restored rows missing from a join',
    why: 'a join takes its copy in memory for complete, and finds no match among the earlier records',
    file: `${streams}/state/segmented-rows.ts`,
    replace: 'recent?.forgetBefore(segments.observedMs + 1);',
    by: '',
    test: {
      file: `${streams}/state/recent-windows.spec.ts`,
      name: 'returns the rows of its table whatever it has in memory',
    },
  },
  {
    name: 'streams: rows of a join lost when its memory is full',
    why: 'what has made room in memory is not looked for in the table',
    file: `${streams}/state/recent-windows.ts`,
    replace: 'this.#fromMs = Math.max(this.#fromMs, (number + 1) * this.#spanMs);',
    by: '',
    test: {
      file: `${streams}/state/recent-windows.spec.ts`,
      name: 'returns the rows of its table whatever it has in memory',
    },
  },
  {
    name: 'streams: writes before a rollback kept by the next commit',
    why: 'what is processed again finds its own results in the state',
    file: `${streams}/state/sqlite/sqlite-engine.ts`,
    replace: 'for (const table of this.#tables.values()) table.forget();',
    by: '',
    test: {
      file: `${streams}/state/sqlite/sqlite-engine.spec.ts`,
      name: 'commits no row that was put before a rollback',
    },
  },
];
