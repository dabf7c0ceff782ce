import { transform } from 'esbuild';
import { nodeBundle } from './node-bundle.ts';

/**
 * A bundler renames classes of the same name, since all modules share one scope. Nest, TypeORM and
 * logs use a class's name, so each renamed class gets its own name back. The bundler's option for
 * this (`keepNames`) would also call a function each time a closure is created.
 */
export const nameHelper =
  'const __named=(it,value)=>{if(typeof Object.getOwnPropertyDescriptor(it,"name")?.value==="string")Object.defineProperty(it,"name",{value,configurable:true})};';

const declaration = /\bclass\s+([A-Za-z_$][\w$]*)/g;
/** The first line of a class as the bundler prints it. Its body follows on the next line. */
const printedHead = /^(.*\bclass ([\w$]+)(?: extends [^{}\n]*)? \{)$/gm;

export const classNamesIn = (source: string): readonly string[] =>
  [...source.matchAll(declaration)].map(([, name = '']) => name);

/** Gives every class of the bundle its name among those that the sources declare. */
export const restoreClassNames = (bundle: string, declared: ReadonlySet<string>): string =>
  bundle.replace(printedHead, (line: string, head: string, printed: string) => {
    const name = declared.has(printed) ? undefined : originalOf(printed, declared);
    return name === undefined ? line : `${head} static { __named(this, ${JSON.stringify(name)}); }`;
  });

/** The bundler appends a number, or puts an underscore before the name. */
function originalOf(printed: string, declared: ReadonlySet<string>): string | undefined {
  const plain = printed.replace(/^_/, '');
  return [plain, printed.replace(/\d+$/, ''), plain.replace(/\d+$/, '')].find((name) => declared.has(name));
}

interface Code {
  readonly code: string;
  /** The source map, as JSON. */
  readonly map: string;
}

/** A stack trace reads the positions of whole lines, so lines must not become long. */
const lineCharactersMax = 500;

/**
 * Removes white space and writes all characters beyond ASCII as escapes. A process keeps the source
 * text of its bundle, and Node takes two bytes for each character as soon as one is not ASCII: 21 MB
 * for the services, where 7 MB are left.
 */
export async function compact({ code, map }: Code): Promise<Code> {
  const inlineMap = `data:application/json;base64,${Buffer.from(map).toString('base64')}`;
  const unmapped = code.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '');
  const compacted = await transform(`${unmapped}\n//# sourceMappingURL=${inlineMap}\n`, {
    target: nodeBundle.target,
    minifyWhitespace: true,
    charset: 'ascii',
    lineLimit: lineCharactersMax,
    legalComments: 'none',
    sourcemap: 'external',
    sourcesContent: false,
  });
  return { code: compacted.code.replace(beyondAscii, escaped), map: compacted.map };
}

/** What esbuild leaves: regular expressions, where an escape means the same. */
const beyondAscii = /[^\0-\x7f]/g;
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
