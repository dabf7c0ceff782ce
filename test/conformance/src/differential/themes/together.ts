import {
  deleteGroups,
  findCoordinator,
  heartbeat,
  joinGroup,
  offsetDelete,
} from '@millrace/streaming-core/protocol';
import type { Memory, Script } from '../script.ts';
import {
  ask,
  assign,
  gather,
  joinOf,
  leaderOf,
  leave,
  onlooker,
  rejoin,
  startJoin,
  sync,
  whenThere,
  type Company,
} from './company.ts';
import { connectionOf, generationOf, idOf, people, type Person } from './group-members.ts';

/**
 * Plays a group of several members. Each waits on its own connection while others join, leave
 * together, are replaced or send requests out of turn.
 */
export function togetherTheme(script: Script): void {
  const { dice } = script;
  const group = `${script.prefix}-g`;
  const topic = script.topic('t');
  const instance = (who: Person) => (dice.chance(0.4) ? `${group}-${who}` : null);
  const company: Company = {
    script,
    group,
    topic,
    instances: { ada: instance('ada'), bob: instance('bob'), cleo: instance('cleo') },
    present: [],
  };
  script.settle(findCoordinator, { key: group, keyType: 0 }, ({ errorCode }) => errorCode === 0, {
    version: 2,
  });
  gather(company);
  const acts = { ask, leaveTogether, leaveWhileJoining, replace, replaceWhileJoining, assignLate, erase };
  for (let left = dice.between(3, 6); left > 0; left -= 1) {
    if (company.present.length < people.length) gather(company);
    acts[
      dice.weighted({
        ask: 2,
        leaveTogether: 2,
        leaveWhileJoining: 2,
        replace: 2,
        replaceWhileJoining: 1,
        assignLate: 2,
        erase: 2,
      })
    ](company);
  }
  leave(company, company.present);
  ask(company);
  script.send(deleteGroups, { groupsNames: [group] });
}

/** Some members of a stable group leave in any order, and a stranger with them. */
function leaveTogether(company: Company): void {
  const { dice } = company.script;
  const [leader, second, third] = company.present as [Person, Person, Person];
  leave(
    company,
    dice.pick([[second], [third, second], [leader, third], [second, leader], people]),
    dice.between(0, 1),
  );
  ask(company);
  if (company.present.length > 0) rejoin(company);
}

/**
 * Two members of a group that is joining again leave: one that has rejoined and one that has not.
 */
function leaveWhileJoining(company: Company): void {
  const { script } = company;
  const leader = startRebalance(company);
  const [staying, late] = script.dice.chance(0.5)
    ? company.present.slice(1)
    : company.present.slice(1).reverse();
  startJoin(company, staying!);
  ask(company);
  leave(
    company,
    script.dice.pick([
      [leader, late!],
      [late!, leader],
    ]),
  );
  script.await(leader);
  script.await(staying!);
  assign(company);
}

function startRebalance(company: Company, as?: string): Person {
  const leader = leaderOf(company);
  startJoin(company, leader, { as });
  whenThere(company, 'PreparingRebalance', company.present.length);
  return leader;
}

/**
 * A new process replaces a static member of a stable group, and its predecessor sends one more
 * request.
 */
function replace(company: Company): void {
  const { script, instances } = company;
  const who = script.dice.pick(people);
  if (instances[who] === null) return ask(company);
  const former = (memory: Memory) => memory.set('former', idOf(memory, who));
  const { body, version, remember } = joinOf(company, who, { anew: true });
  script.send(joinGroup, body, {
    on: connectionOf(who),
    version,
    remember: (answer, memory) => (former(memory), remember(answer, memory)),
  });
  const predecessor = (memory: Memory) => ({
    groupId: company.group,
    generationId: generationOf(memory),
    memberId: memory.get('former', ''),
  });
  script.send(heartbeat, (memory) => ({ ...predecessor(memory), groupInstanceId: instances[who] }), {
    on: onlooker,
    version: 3,
  });
  sync(company, who, []);
  ask(company);
}

/** A new process replaces a static member while that member waits for the others to join again. */
function replaceWhileJoining(company: Company): void {
  const { script, instances, present } = company;
  if (instances[leaderOf(company)] === null) return ask(company);
  const leader = startRebalance(company, 'predecessor');
  startJoin(company, leader, { anew: true, on: onlooker + 1 });
  script.await('predecessor');
  ask(company);
  for (const who of present.slice(1)) startJoin(company, who);
  for (const who of present) script.await(who);
  assign(company);
}

/**
 * Sends requests between the beginning of a generation and its assignment. A repeated request gets
 * the same answer, and a commit is refused.
 */
function assignLate(company: Company): void {
  const { script, present } = company;
  startRebalance(company);
  for (const who of present.slice(1)) startJoin(company, who);
  for (const who of present) script.await(who);
  ask(company);
  const again = script.dice.pick(present);
  startJoin(company, again);
  script.await(again);
  if (script.dice.chance(0.5)) {
    leave(company, present.slice(0, 2));
    ask(company);
    rejoin(company);
  } else assign(company);
}

/** Deletes what may not be deleted while members read it. */
function erase({ script, group, topic }: Company): void {
  const { dice } = script;
  const names = dice.pick([[topic], [topic, `${topic}-unknown`], ['__consumer_offsets', topic]]);
  script.send(
    offsetDelete,
    { groupId: group, topics: names.map((name) => ({ name, partitions: [{ partitionIndex: 0 }] })) },
    { on: onlooker },
  );
  script.send(deleteGroups, { groupsNames: [group] }, { on: onlooker });
}
