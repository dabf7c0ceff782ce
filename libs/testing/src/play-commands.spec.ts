import { describe, expect, it } from '@jest/globals';
import { rejected, type Decider } from '@millrace/event-sourcing';
import { playCommands } from './play-commands.ts';

type Command = 'switch on' | 'toggle' | 'break';

const lamp: Decider<Command, { type: 'SwitchedOn' | 'SwitchedOff' }, boolean> = {
  initialState: false,
  decide(command, isOn) {
    if (command === 'break') return rejected('unbreakable');
    if (command === 'toggle') return [{ type: isOn ? 'SwitchedOff' : 'SwitchedOn' }];
    return isOn ? [] : [{ type: 'SwitchedOn' }];
  },
  evolve: (_isOn, { type }) => type === 'SwitchedOn',
};

describe('playing commands', () => {
  it('returns the state and the events; a rejection changes neither', () => {
    const played = playCommands(lamp, ['switch on', 'break', 'toggle'], {
      repeatable: (command) => command !== 'toggle',
    });
    expect(played).toEqual({ state: false, events: [{ type: 'SwitchedOn' }, { type: 'SwitchedOff' }] });
  });

  it('throws if a repeated command gives an event', () => {
    expect(() => playCommands(lamp, ['switch on', 'toggle'])).toThrow('repeated, "toggle" gives SwitchedOn');
  });
});
