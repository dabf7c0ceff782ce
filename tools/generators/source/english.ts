/** Verbs of business whose past is irregular. */
const irregular: Readonly<Record<string, string>> = {
  bring: 'brought',
  build: 'built',
  buy: 'bought',
  choose: 'chosen',
  cut: 'cut',
  find: 'found',
  get: 'got',
  give: 'given',
  grow: 'grown',
  hold: 'held',
  keep: 'kept',
  lend: 'lent',
  let: 'let',
  make: 'made',
  meet: 'met',
  pay: 'paid',
  put: 'put',
  read: 'read',
  say: 'said',
  sell: 'sold',
  send: 'sent',
  set: 'set',
  show: 'shown',
  spend: 'spent',
  split: 'split',
  take: 'taken',
  teach: 'taught',
  tell: 'told',
  withdraw: 'withdrawn',
  write: 'written',
};

/** The past participle of a verb: `reserve` becomes `reserved`, `ship` becomes `shipped`. */
export const pastOf = (verb: string): string => {
  const { prefix, stem } = partsOf(verb);
  if (irregular[verb] !== undefined) return irregular[verb];
  if (irregular[stem] !== undefined) return `${prefix}${irregular[stem]}`;
  if (verb.endsWith('e')) return `${verb}d`;
  if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ied`;
  return `${prefix}${doubled(stem)}ed`;
};

/** The noun of a verb: `pack` becomes `packing`, `reserve` becomes `reserving`. */
export const nounOf = (verb: string): string => {
  if (verb.endsWith('ie')) return `${verb.slice(0, -2)}ying`;
  if (verb.endsWith('e') && !verb.endsWith('ee')) return `${verb.slice(0, -1)}ing`;
  const { prefix, stem } = partsOf(verb);
  return `${prefix}${doubled(stem)}ing`;
};

/** A verb without its prefix is spelled as the verb itself: `unwrap` becomes `unwrapped`. */
const partsOf = (verb: string): { readonly prefix: string; readonly stem: string } => {
  const [, prefix = '', stem = verb] = /^(re|un|over)(?=[^aeiou]*[aeiou][^aeiou])(\w+)$/.exec(verb) ?? [];
  return { prefix, stem };
};

/** A short verb doubles its last consonant, as in `shipped`. */
const doubled = (verb: string): string =>
  /^[^aeiou]*[aeiou][^aeiouwxy]$/.test(verb) ? `${verb}${verb.at(-1)}` : verb;

/** A noun with its article: `an order`, `a user`. */
export const withArticle = (noun: string): string =>
  `${/^([aeio]|u(?!s|ni))/.test(noun) ? 'an' : 'a'} ${noun}`;

/** The text with a capital at its beginning. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
