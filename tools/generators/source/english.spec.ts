import { describe, expect, it } from '@jest/globals';
import { nounOf, pastOf } from './english.ts';

describe('a verb', () => {
  it.each([
    ['pack', 'packed', 'packing'],
    ['reserve', 'reserved', 'reserving'],
    ['ship', 'shipped', 'shipping'],
    ['verify', 'verified', 'verifying'],
    ['pay', 'paid', 'paying'],
    ['repay', 'repaid', 'repaying'],
    ['deliver', 'delivered', 'delivering'],
    ['tie', 'tied', 'tying'],
    ['wrap', 'wrapped', 'wrapping'],
    ['unwrap', 'unwrapped', 'unwrapping'],
    ['reship', 'reshipped', 'reshipping'],
    ['unpack', 'unpacked', 'unpacking'],
    ['record', 'recorded', 'recording'],
    ['rent', 'rented', 'renting'],
    ['rest', 'rested', 'resting'],
  ])('%s becomes %s and %s', (verb, past, noun) => {
    expect({ past: pastOf(verb), noun: nounOf(verb) }).toEqual({ past, noun });
  });
});
