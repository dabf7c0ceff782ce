import type { Letter, SimulatedLog, WaitingLetter } from './log.ts';
import type { House, Reactions } from './participants.ts';

/** A service, whose process can die. Its state, its outbox and its pending calls survive. */
export interface Service {
  readonly name: string;
  readonly house: House;
  readonly reactions: readonly Reactions[];
  takes(letter: Letter): boolean;
  take(letter: Letter): Promise<void> | void;
  isUp: boolean;
}

/** Something that can happen now. Its name says what, so that the same name does the same again. */
export interface Happening {
  readonly name: string;
  /** How often it happens compared with others. */
  readonly weight: number;
  /** What is wrong if nothing but timers is left to happen, and this is the next one. */
  readonly problem?: string;
  run(): Promise<void> | void;
}

/** What a process does, and what goes wrong with it. */
export function happeningsOf(service: Service, log: SimulatedLog): readonly Happening[] {
  if (!service.isUp) return [start(service)];
  const { name, house } = service;
  const dies = (after: string, weight: number, run: () => void): Happening => ({
    name: `${name} dies${after}`,
    weight,
    run: () => {
      run();
      service.isUp = false;
    },
  });
  const unpublished = [...house.log.letters];
  const publishAll = () => unpublished.forEach((letter) => log.append(letter));
  return [
    ...progressOf(service, log),
    dies('', 0.2, () => undefined),
    ...(unpublished.length === 0
      ? []
      : [dies(' after it has published its outbox, and will publish it again', 0.7, publishAll)]),
    ...house.calls.map((call) =>
      dies(` after the call ${call.name}, and will make it again`, 0.7, () => void call.make()),
    ),
    ...log.waiting(service).flatMap((waiting) => deadLetter(service, waiting, log)),
  ];
}

const start = (service: Service): Happening => ({
  name: `${service.name} starts`,
  weight: 3,
  run: () => void (service.isUp = true),
});

/** What a process does that works. */
export function progressOf(service: Service, log: SimulatedLog): readonly Happening[] {
  const { name, house, take } = service;
  const [letter] = house.log.letters;
  return [
    ...(letter === undefined
      ? []
      : [
          {
            name: `${name} publishes ${titleOf(letter)}`,
            weight: 10,
            run: () => {
              house.log.letters.shift();
              log.append(letter);
            },
          },
        ]),
    ...log.waiting(service).map((waiting): Happening => ({
      name: `${name} takes ${titleOf(waiting.letter)}`,
      weight: 10,
      run: () => {
        waiting.take();
        return take(waiting.letter);
      },
    })),
    ...house.calls.map((call): Happening => ({
      name: `${name} calls ${call.name}`,
      weight: 6,
      run: () => {
        house.calls.splice(house.calls.indexOf(call), 1);
        call.make()();
      },
    })),
  ];
}

/**
 * A command, or a message that belongs to no saga of the engine, becomes a dead letter. It is sent again
 * behind those that follow it, or never, if the order ends without it.
 */
function deadLetter(
  { name, reactions }: Service,
  { letter, take }: WaitingLetter,
  log: SimulatedLog,
): readonly Happening[] {
  const handlers = reactions.filter((each) => each.takes(name, letter));
  const given = (what: string, weight: number, then: () => void): Happening => ({
    name: `${name} gives up ${titleOf(letter)}, which is ${what}`,
    weight,
    run: () => {
      take();
      then();
    },
  });
  return [
    ...(isEvent(letter) && handlers.length === 0 ? [] : [given('sent again', 0.7, () => log.append(letter))]),
    ...handlers
      .filter((each) => each.mayLose(name, letter))
      .map((each) => given('lost', 0.3, () => each.lose(letter))),
  ];
}

export const isEvent = ({ topic }: Letter): boolean => topic.endsWith('-events');
const titleOf = ({ title = '' }: Letter): string => title;
