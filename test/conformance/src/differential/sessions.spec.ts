import { describe, expect, it } from '@jest/globals';
import { encodeRequest } from '@millrace/streaming-core/protocol';
import { Dice } from './dice.ts';
import { Memory, type Session } from './script.ts';
import { sessionOf, themeNames } from './sessions.ts';

const header = { correlationId: 1, clientId: 'test' };

/** Everything that a session sends to an engine that answers nothing. */
const sent = ({ actions }: Session): readonly string[] =>
  actions.map((action) => {
    if ('api' in action)
      return Buffer.concat([
        ...encodeRequest(action.api, action.version, header, action.body(new Memory())),
      ]).toString('hex');
    return action.do === 'raw' ? action.bytes.toString('hex') : action.of;
  });

describe('a session', () => {
  it.each(themeNames.map((theme, number) => [theme, number] as const))(
    'about %s is the same for the same seed and number, byte by byte',
    (theme, number) => {
      const session = sessionOf(42, number);
      expect(session.theme).toBe(theme);
      expect(sent(session)).toEqual(sent(sessionOf(42, number)));
      expect(sent(session)).not.toEqual(sent(sessionOf(43, number)));
    },
  );

  it('can be encoded, whatever its number: hundreds of each theme', () => {
    for (let number = 0; number < 60 * themeNames.length; number += 1)
      expect(sent(sessionOf(7, number)).length).toBeGreaterThan(1);
  });

  it('cannot throw dice while it is played', () => {
    const dice = new Dice(1);
    dice.end();
    expect(() => dice.between(0, 1)).toThrow('choose when the session is written');
  });
});
