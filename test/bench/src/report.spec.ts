import { describe, expect, it } from '@jest/globals';
import { between, withOrigin } from './report.ts';

describe('a page of a bench', () => {
  it('says below its title which command wrote it', () => {
    expect(withOrigin('# Sizes\n\nText.\n\nMore.', 'sizing')).toBe(
      '# Sizes\n\nA program wrote this page: `npm run bench -- sizing --write`.\n\nText.\n\nMore.',
    );
  });

  it('keeps what people wrote around its markers', () => {
    expect(between('A\n<!-- x -->\nold\n<!-- /x -->\nB', 'x', 'new')).toBe(
      'A\n<!-- x -->\n\nnew\n\n<!-- /x -->\nB',
    );
  });
});
