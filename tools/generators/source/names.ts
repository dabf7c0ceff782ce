import { readJson, type Tree } from '@nx/devkit';

/** One name in the spellings that the sources use. */
export interface Spellings {
  /** `gift-card`, as in folders, topics and streams. */
  readonly kebab: string;
  /** `gift_card`, as in tables and problem codes. */
  readonly snake: string;
  /** `giftCard` */
  readonly camel: string;
  /** `GiftCard` */
  readonly pascal: string;
  /** `GIFT_CARD`, as in settings. */
  readonly upper: string;
  /** `gift card`, as in texts. */
  readonly words: string;
}

const nameLengthMax = 31;

/** Throws an error that names the argument unless the name can be part of paths, topics and identifiers. */
export function checkName(argument: string, name: string): void {
  if (/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/.test(name) && name.length <= nameLengthMax) return;
  throw new Error(
    `${argument} "${name}": give 1 to ${nameLengthMax} lower-case letters, digits and inner hyphens, ` +
      'each part beginning with a letter, such as loyalty or gift-card',
  );
}

export function spellingsOf(kebab: string): Spellings {
  const pascal = kebab.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const snake = kebab.replaceAll('-', '_');
  return {
    kebab,
    snake,
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    pascal,
    upper: snake.toUpperCase(),
    words: kebab.replaceAll('-', ' '),
  };
}

/** The English plural of the last word, as in `gift-cards` and `loyalties`. */
export const pluralOf = (name: string): string => {
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(name) ? `${name}es` : `${name}s`;
};

/** The name of the workspace: the scope of its packages and the prefix of its databases and settings. */
export const workspaceName = (tree: Tree): string =>
  readJson<{ readonly name: string }>(tree, 'package.json').name;

/** The release in progress, which all packages have as their version. */
export const releaseOf = (tree: Tree): string =>
  readJson<{ readonly version: string }>(tree, 'package.json').version;

/** `gift_card_id` for `giftCardId`, as columns are called. */
export const snakeOf = (camel: string): string =>
  camel.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The name as a key of an object in TypeScript. */
export const keyOf = (name: string): string => (name.includes('-') ? `'${name}'` : name);
