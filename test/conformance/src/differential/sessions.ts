import { Dice } from './dice.ts';
import { Script, type Session } from './script.ts';
import { adminTheme } from './themes/admin.ts';
import { configsTheme } from './themes/configs.ts';
import { dispatchingTheme } from './themes/dispatching.ts';
import { groupsTheme } from './themes/groups.ts';
import { offsetsTheme } from './themes/offsets.ts';
import { producersTheme } from './themes/producers.ts';
import { recordsTheme } from './themes/records.ts';
import { repeatedTheme } from './themes/repeated.ts';
import { severalTheme } from './themes/several.ts';
import { togetherTheme } from './themes/together.ts';
import { topicsTheme } from './themes/topics.ts';
import { transactionsTheme } from './themes/transactions.ts';

const themes: Readonly<Record<string, (script: Script) => void>> = {
  records: recordsTheme,
  groups: groupsTheme,
  transactions: transactionsTheme,
  topics: topicsTheme,
  offsets: offsetsTheme,
  producers: producersTheme,
  configs: configsTheme,
  admin: adminTheme,
  dispatching: dispatchingTheme,
  together: togetherTheme,
  repeated: repeatedTheme,
  several: severalTheme,
};

export const themeNames = Object.keys(themes);

/** Large, so that neighbouring seeds share no session. */
const seedStep = 1_000_003;

/**
 * Session `number` of a seed. It is the same wherever it is played and whatever else is played.
 * Themes take turns.
 */
export function sessionOf(seed: number, number: number): Session {
  const theme = themeNames[number % themeNames.length]!;
  const name = `d${seed}-${number}`;
  const dice = new Dice(seed * seedStep + number);
  const script = new Script(dice, name);
  themes[theme]!(script);
  dice.end();
  return { name, theme, actions: script.actions };
}
